import { outcomeOf, refuseFor, userError, type Outcome, type UserError } from '@weft/errors';
import { defaultGrants } from '../domain/access.js';
import { requestWorkflow } from '../domain/activity-workflow.js';
import { currentSchema, itemTypeOf } from '../domain/item-types/index.js';
import { shortened } from '../domain/text-rules.js';
import { foundBy, type Metadata } from './item-content.js';
import type { Caller } from './item-ports.js';
import { ownerOrganization, writerOf } from './item-rights.js';
import { judgeRun, type JudgedRun } from './judge-model-run.js';
import type { InsertedRun, ModelRunPorts, ModelRunWork, NewRun } from './model-run-ports.js';
import { repeated, requestKeyOf } from './request-key.js';
import { lookingAgain, Overtaken, refuseTwin } from './run-twin.js';

export interface RegisterModelRunInput {
  readonly organizationId?: string | null;
  readonly record: Metadata;
  readonly idempotencyKey?: string | null;
}

export interface RegisteredRun {
  readonly itemId: string;
  readonly repeated: boolean;
}

const RECORD = ['input', 'record'];

/** Registers a run; a job then writes down its provenance. */
export const registerModelRun =
  (ports: ModelRunPorts) =>
  (caller: Caller, input: RegisterModelRunInput): Promise<Outcome<RegisteredRun>> =>
    inOneTransaction(ports, async (tx) => {
      const writer = writerOf(caller);
      const organizationId = ownerOrganization(writer, input.organizationId, 'input', 'organizationId');
      const { idempotencyKey, ...request } = input;
      const key = requestKeyOf(ports, organizationId, idempotencyKey, request);
      const known = key === undefined ? undefined : await tx.takeRequestKey(key);
      if (known !== undefined) return repeated(known, key?.inputHash);

      const { principals, userId } = writer;
      const asked = { record: input.record, path: RECORD };
      const { judged, problems, hash } = await judgeRun(ports, tx, { principals }, asked);
      // Its outputs would be said to have been made already, by itself.
      const twin =
        hash === null ? undefined : (await tx.runsSaying(organizationId, [hash], principals)).get(hash);
      if (twin !== undefined) return refuseTwin(twin, RECORD);
      if (judged === null) return refuseAll(problems);
      const made = newRun(ports, { judged, organizationId, userId, lodged: false });
      const [inserted] = await tx.insertRuns([made]);
      const { item, isFirst, taken } = inserted as InsertedRun;
      if (!isFirst) throw new Overtaken();
      refuseFor(takenProblems(judged, taken, RECORD));
      const { correlationId } = caller;
      await tx.tell(item, 'CREATED', correlationId);
      const workflow = requestWorkflow('MODEL_RUN', ports.newId);
      await tx.insertWorkflow(item, workflow, userId);
      await tx.tellWorkflow(item, workflow, userId, correlationId);
      if (key !== undefined) await tx.keepRequestKey(key, item);
      return { itemId: item.id, repeated: false };
    });

/** What came of it; who is overtaken by another run looks again. */
export const inOneTransaction = <T>(
  { transact }: Pick<ModelRunPorts, 'transact'>,
  work: (tx: ModelRunWork) => Promise<T>,
): Promise<Outcome<T>> => outcomeOf(() => lookingAgain(() => transact(work)));

/** As {@link refuseFor} with at least one problem. */
export function refuseAll(problems: Parameters<typeof refuseFor>[0]): never {
  refuseFor(problems);
  throw new Error('refused without a reason');
}

/** The run as a new item. */
export function newRun(
  { newId, mintPid }: Pick<ModelRunPorts, 'newId' | 'mintPid'>,
  {
    judged,
    organizationId,
    userId,
    lodged,
  }: {
    readonly judged: JudgedRun;
    readonly organizationId: string;
    readonly userId: string;
    readonly lodged: boolean;
  },
): NewRun {
  const id = newId();
  const content = {
    name: shortened(judged.record.displayName),
    schemaVersion: currentSchema('MODEL_RUN').version,
    metadata: { ...judged.record },
    tags: [],
  };
  return {
    item: {
      ...content,
      ...{ id, pid: mintPid(), kind: itemTypeOf('MODEL_RUN').category, subtype: 'MODEL_RUN' },
      recordType: 'COMPLETE',
      ...{ organizationId, ownerId: userId, createdBy: userId, grants: defaultGrants(organizationId) },
      ...{ seriesId: id, version: 1, versionReason: null, previousKey: null, data: null },
    },
    foundBy: foundBy('MODEL_RUN', content),
    run: judged,
    lodged,
  };
}

/** What is wrong with outputs that another run has taken meanwhile. */
export const takenProblems = (
  { record }: JudgedRun,
  taken: readonly string[],
  path: readonly string[],
): UserError[] =>
  record.outputs.flatMap(({ datasetId }, at) =>
    taken.includes(datasetId)
      ? [
          userError(
            'MODEL_RUN_INVALID',
            'Another run made this dataset already; one thing makes a dataset.',
            ...[...path, 'outputs', `${at}`, 'datasetId'],
          ),
        ]
      : [],
  );
