// Jobs of every sort, recorded: what their records say is compared with what the platform makes of them.
import type { RegistryParts } from '../context.js';
import { recordIdOfJob } from '../domain/job-record.js';
import { publicId } from '../persistence/public-id.js';
import type { ExchangeSteps } from './exchange.js';
import {
  aCancelledJob,
  aFailedJob,
  aGivenJob,
  anAttempt,
  anEnvironment,
  anOutcome,
  aServiceVersion,
  aSucceededJob,
  id,
  sha,
} from './finished-jobs.js';
import { ADA } from './item-steps.js';

/** To whom one of the jobs was given. */
export const THIRD = id('organization third');
const ran = { attempts: [anAttempt(1, { environment: anEnvironment().digest })] };
const fileOf = (name: string) => anOutcome(0, { resultArtifactId: id(name), resultSha256: sha(name) });
const items = (...names: string[]) =>
  names.map((name, index) => anOutcome(index, { resultSha256: sha(`out ${name}`), paramsSha256: sha(name) }));

export const JOBS = {
  make: aSucceededJob('make', { ...ran, outcomes: [fileOf('made')] }),
  use: aSucceededJob('use', {
    ...ran,
    inputs: { dataSha256: null, paramsSha256: sha('{}'), artifactIds: [id('made')] },
  }),
  // Items that bring the same params, one of them that of another job's data.
  batch: aSucceededJob('batch', { ...ran, itemsTotal: 3, outcomes: items('a', 'a', 'data of make') }),
  broken: aFailedJob('broken', { itemsTotal: 2, outcomes: [fileOf('half'), ...items('x', 'y').slice(1)] }),
  again: aSucceededJob('again', {
    itemsTotal: 2,
    retryOf: id('broken'),
    outcomes: [{ ...fileOf('half'), attempt: null, carriedFrom: id('broken') }, ...items('x', 'y').slice(1)],
  }),
  // What it carries over was carried over before.
  third: aSucceededJob('third', {
    itemsTotal: 2,
    retryOf: id('again'),
    outcomes: [
      { ...fileOf('half'), attempt: null, carriedFrom: id('broken') },
      ...items('x', 'y')
        .slice(1)
        .map((one) => ({ ...one, attempt: null, carriedFrom: id('again') })),
    ],
  }),
  step: aSucceededJob('step', {
    needs: [id('make'), id('batch')],
    batchId: id('workflow'),
    inputs: {
      ...{ dataSha256: sha('filled'), paramsSha256: null, artifactIds: [id('made')] },
      results: [{ jobId: id('batch'), place: 'ITEMS', items: [[0, 2]] }],
    },
  }),
  shell: aSucceededJob('shell', {
    ...{ kind: 'COMMAND', serviceId: null, serviceVersionId: null },
    inputs: {
      ...{ dataSha256: null, paramsSha256: null, commandSha256: sha('ls') },
      ...{ artifactIds: [id('script')], codeArtifactId: id('script') },
    },
    attempts: [anAttempt(1, { outcome: 'LOST' }), anAttempt(2)],
    outcomes: [anOutcome(0, { attempt: 2, resultSha256: sha('shell') })],
  }),
  planned: aSucceededJob('planned', { ...ran, definition: { id: id('nightly'), version: 3 } }),
  never: aCancelledJob('never'),
  given: aSucceededJob('given', { outcomes: [fileOf('given file')] }),
} as const;

/** By the name of its job. */
export const idOfRecord = (job: string): string => recordIdOfJob(publicId(`job/${id(job)}`));

/** What a record says, in PROV-JSON. */
export async function documentOf(steps: ExchangeSteps, recordId: string, actor = ADA): Promise<string> {
  const { record } = await steps.ask.data<{ record: { document: string } }>(
    'query ($id: ID!) { record(id: $id) { document(notation: PROV_JSON) } }',
    { id: recordId },
    actor,
  );
  return record.document;
}

export async function recordJobs(parts: RegistryParts): Promise<void> {
  await parts.recordServiceVersion('test', 'v1', aServiceVersion({ lifecycle: 'PUBLISHED' }));
  for (const job of Object.values(JOBS))
    await parts.recordFinishedJobs('test', [{ messageId: job.jobId, job }]);
  await parts.keepJobRecords('test', [
    { messageId: 'given', at: '2026-11-20T11:00:00.000Z', change: aGivenJob('given', THIRD) },
  ]);
}
