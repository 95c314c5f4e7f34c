// The operation of an archive's job. It may run any number of times: what is there already is answered.
import { AppError } from '@weft/errors';
import { archiveName, CRATE_LIMITS } from '../domain/crate-archive.js';
import { belongingsOf, fewEnough } from '../domain/crate-content.js';
import { EVERYONE } from '../domain/principal.js';
import {
  belongingsOfWorkflow,
  crateOfRun,
  crateOfWorkflow,
  workflowFile,
  type CrateTerms,
} from '../domain/run-crate.js';
import type { BegunArchive, CratePorts, MadeArchive, OpenSource } from './crate-ports.js';
import { packed, type CratePlan, type Packed } from './crate-entries.js';
import { storyOf, workflowOf } from './export-run.js';
import type { Operation, OtherReader } from './operations.js';
import type { Viewer } from './ports.js';

export const packCrate =
  (ports: CratePorts): Operation =>
  async (params, { jobId, progress, store, others }): Promise<MadeArchive> => {
    const { archiveId } = (params ?? {}) as { readonly archiveId?: unknown };
    if (typeof archiveId !== 'string')
      throw new AppError('BAD_USER_INPUT', 'The params of the job name no archive.');
    const begun = await ports.transact((tx) => tx.begin(archiveId, jobId));
    if (begun === undefined)
      throw new AppError('NOT_FOUND', 'The registry knows no such archive.', { archiveId });
    if (begun.state === 'SUCCEEDED' && begun.artifactId !== null)
      return {
        artifactId: begun.artifactId,
        fileCount: begun.fileCount ?? 0,
        missingCount: begun.missingCount ?? 0,
      };
    const plan = await planOf(ports, begun);
    if (plan.belongings.length > CRATE_LIMITS.files)
      throw new AppError(
        'PAYLOAD_TOO_LARGE',
        `The run has more than ${CRATE_LIMITS.files} files; exportRoCrate of each job lists them.`,
      );
    let last: Packed | undefined;
    const artifactId = await store({
      name: archiveName(begun.name),
      mediaType: 'application/zip',
      kind: 'RESULT',
      bytes: () => ports.zip(packed(plan, openerOf(others), ports.hash, progress, (made) => (last = made))),
    });
    const made = { artifactId, fileCount: last?.fileCount ?? 0, missingCount: last?.missingCount ?? 0 };
    return ports.transact((tx) => tx.finish(archiveId, made));
  };

/** By what all members of the organization may read, for all of them may read the archive. */
async function planOf(
  ports: CratePorts,
  { organizationId, runJobId, workflowId, licence }: BegunArchive,
): Promise<CratePlan> {
  const viewer: Viewer = { principals: [EVERYONE, organizationId], organizations: [organizationId] };
  const terms: CrateTerms = { pidBase: ports.pidBase, licence };
  if (workflowId !== null) {
    const workflow = await workflowOf(ports, viewer, workflowId);
    if (workflow === undefined) throw gone();
    return {
      belongings: fewEnough(belongingsOfWorkflow(workflow), CRATE_LIMITS.files),
      workflow: workflowFile(workflow, ports.pidBase),
      crate: (holding, file) => crateOfWorkflow(workflow, terms, holding, file),
    };
  }
  const story = runJobId === null ? undefined : await storyOf(ports, viewer, { jobId: runJobId });
  if (story === undefined) throw gone();
  return {
    belongings: fewEnough(belongingsOf(story), CRATE_LIMITS.files),
    workflow: undefined,
    crate: (holding) => crateOfRun(story, terms, holding),
  };
}

const gone = (): AppError =>
  new AppError('NOT_FOUND', 'The run is not of the organization any more, or was never known there.');

const openerOf =
  (others: OtherReader): OpenSource =>
  async (source) => {
    switch (source.from) {
      case 'ARTIFACT':
        return others.file(source.artifactId);
      case 'VALUE': {
        const json = await others.value(source);
        return json === undefined
          ? undefined
          : { name: undefined, mediaType: 'application/json', bytes: textOf([json]) };
      }
      case 'LOG': {
        const pages = others.log(source.jobId)[Symbol.asyncIterator]();
        const first = await pages.next();
        return first.done === true
          ? undefined
          : { name: undefined, mediaType: 'text/plain', bytes: textOf(from(first.value, pages)) };
      }
    }
  };

async function* from<T>(first: T, rest: AsyncIterator<T>): AsyncGenerator<T> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

async function* textOf(texts: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const text of texts) yield encoder.encode(text);
}
