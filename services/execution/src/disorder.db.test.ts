// Everything that execution consumes, once in order and once twice in any order: both leave the same behind.
import {
  dataPoolChanged,
  dataPoolFileChanged,
  datasetFileChanged,
  envelope,
  jobChanged,
  jobRecordChanged,
  serviceVersionChanged,
  type EventDefinition,
  type JobChanged,
  type JobRecordChanged,
  type JobState,
} from '@weft/contracts';
import { openDatabase } from '@weft/database';
import { createLogger } from '@weft/telemetry';
import { allHeard, rowsOf, twiceAndShuffled } from '@weft/testkit';
import { expect, test } from 'vitest';
import { anAttempt, testExecution } from './testing/test-execution.js';

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [A, B, C] = [id(901), id(902), id(903)];
const DURABLES = ['jobs', 'job-records', 'service-versions', 'data-pools', 'data-pool-files', 'dataset-files'].map((one) => `execution-${one}`); // prettier-ignore
const TABLES = {
  jobs: 'select id, organization_id, state, seq, target_id, service_version_id, input_artifact_ids from known_job',
  attempts: 'select job_id, number, seq, fence, worker_id, outcome, ended_at from known_attempt',
  code: 'select * from known_service_code',
  pools: 'select * from known_data_pool',
  'pool files': 'select * from known_data_pool_file',
  'dataset files': 'select * from known_dataset_file',
  'dead letters': 'select consumer, id, error from dead_letter',
};

interface Told {
  readonly by: 'jobs' | 'marketplace' | 'registry';
  readonly subject: string;
  readonly body: string;
}

const AT = new Date(0);
const tell = <T>(by: Told['by'], event: EventDefinition<T>, payload: T): Told => ({
  by,
  subject: event.subject(payload),
  body: JSON.stringify(envelope(event, event.schema.parse(payload), AT, 'correlation-test')),
});

const [lost, running] = [anAttempt({ outcome: 'LOST', claimedAt: AT.toISOString(), endedAt: AT.toISOString() }), anAttempt({ number: 2, claimedAt: AT.toISOString() })]; // prettier-ignore
const LIFE: readonly (readonly [JobState, JobChanged['attempts']])[] = [
  ['PENDING', []],
  ['IN_PROGRESS', [anAttempt({ claimedAt: AT.toISOString() })]],
  ['PENDING', [lost]],
  ['IN_PROGRESS', [lost, running]],
  ['SUCCEEDED', [lost, { ...running, outcome: 'SUCCEEDED', endedAt: AT.toISOString() }]],
];

const lifeOf = (jobId: string): Told[] =>
  LIFE.map(([state, attempts], index) =>
    tell('jobs', jobChanged, {
      jobId,
      organizationId: A,
      createdBy: 'someone',
      name: 'a job',
      kind: 'MANAGED_SERVICE',
      serviceId: null,
      serviceVersionId: null,
      targetId: 'local-process',
      state,
      seq: index + 1,
      itemsTotal: 1,
      submittedAt: AT.toISOString(),
      startedAt: null,
      endedAt: null,
      retryOf: null,
      inputs: { dataSha256: null, paramsSha256: null, artifactIds: [`input of ${jobId}`] },
      transitions: [
        { seq: index + 1, at: AT.toISOString(), cause: 'TEST', actor: { kind: 'system', id: 'test' }, from: null, to: state, reason: null, attempt: null, items: [], message: null }, // prettier-ignore
      ],
      attempts,
      outcomes: [],
    } as JobChanged),
  );

const record = (jobId: string, revision: number, previousOrganizationId: string, to: string | null): Told =>
  tell<JobRecordChanged>('jobs', jobRecordChanged, {
    jobId,
    revision,
    change: to === null ? 'DELETED' : 'TRANSFERRED',
    organizationId: to ?? previousOrganizationId,
    previousOrganizationId,
    jobSeq: LIFE.length,
  });

const version = (n: number, seq: number): Told =>
  tell('marketplace', serviceVersionChanged, {
    serviceVersionId: id(700 + n),
    seq,
    serviceId: 'service',
    organizationId: A,
    serviceName: 'solver',
    version: '1.0.0',
    lifecycle: 'PUBLISHED',
    code: { artifactId: `code ${n}.${seq}`, runtime: 'NODEJS' },
    dataSchema: null,
    paramsSchema: null,
  });

const pool = (n: number, seq: number, state: 'OPEN' | 'DELETED'): Told =>
  tell('registry', dataPoolChanged, {
    ...{ dataPoolId: id(500 + n), seq, organizationId: seq % 2 === 0 ? A : B, name: 'pool', state },
    ...{ dataReaders: [id(seq)], change: 'UPDATED' },
  });
const poolFile = (n: number, seq: number): Told =>
  tell('registry', dataPoolFileChanged, {
    ...{
      fileId: id(600 + n),
      seq,
      dataPoolId: id(500 + n),
      name: 'file',
      version: 1,
      artifactId: id(400 + n),
    },
    ...{ mediaType: 'text/plain', size: 1, sha256: 'x', removed: seq === 2 },
  });

const datasetFile = (n: number, seq: number): Told =>
  tell('registry', datasetFileChanged, {
    ...{ itemId: id(800 + n), seq, organizationId: seq % 2 === 0 ? A : B, artifactId: id(400 + n), size: 1 },
    ...{ sha256: 'x', held: seq < 9, dataReaders: [id(seq)] },
  });

const ALL: readonly Told[] = [
  ...[1, 2, 3].flatMap((n) => [1, 2, 3].map((seq) => pool(n, seq, 'OPEN'))),
  ...[pool(3, 4, 'DELETED'), poolFile(1, 1), poolFile(2, 1), poolFile(2, 2), poolFile(3, 1)],
  ...[1, 4, 9].flatMap((seq) => [datasetFile(1, seq), datasetFile(2, seq + 1)]),
  ...[1, 2, 3].flatMap((n) => [1, 2, 3].map((seq) => version(n, seq))),
  ...[1, 2, 3, 4, 5, 6].flatMap((n) => lifeOf(id(n))),
  ...[record(id(2), 1, A, null)],
  ...[record(id(3), 1, A, B), record(id(3), 3, B, C)],
  ...[record(id(4), 1, A, B), record(id(4), 2, B, null)],
  ...[record(id(5), 1, A, B), record(id(5), 2, B, A)],
  ...[record(id(6), 1, A, B), record(id(6), 2, B, A), record(id(6), 3, A, C)],
];

const [ordered, disordered] = [await testExecution(), await testExecution()];

async function leftBy(execution: typeof ordered, stream: readonly Told[], oneByOne: boolean) {
  const marketplace = await execution.broker.connect('marketplace');
  const registry = await execution.broker.connect('registry');
  await marketplace.ensureStream();
  const ear = await execution.broker.connect('execution');
  for (const { by, subject, body } of stream) {
    await { jobs: execution.jobs, marketplace, registry }[by].jetstream.publish(subject, body);
    if (oneByOne) await allHeard(ear, DURABLES);
  }
  await allHeard(ear, DURABLES);
  const database = await openDatabase({ url: execution.databaseUrl, applicationName: 'test', entities: [], migrations: [], logger: createLogger('test', 'silent') }); // prettier-ignore
  try {
    return await rowsOf(database, TABLES);
  } finally {
    await database.close();
  }
}

test('twice and in any order leaves the same behind as once and in order', async () => {
  const once = await leftBy(ordered, ALL, true);
  expect(once['dead letters']).toEqual([]);
  expect(once['jobs']).toHaveLength(6);
  const owners = Object.fromEntries(
    (once['jobs'] ?? []).map((row) => JSON.parse(row) as { id: string; organization_id: string }).map((row) => [row.id, row.organization_id]), // prettier-ignore
  );
  expect(owners).toMatchObject({ [id(1)]: A, [id(3)]: C, [id(5)]: A, [id(6)]: C });
  expect(await leftBy(disordered, twiceAndShuffled(ALL, 20_261_121), false)).toEqual(once);
  // What is gone stays gone, and nobody's.
  expect(once['attempts']?.some((row) => row.includes(id(2)))).toBe(false);
}, 90_000);
