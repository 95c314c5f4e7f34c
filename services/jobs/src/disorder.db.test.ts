// Everything that the jobs service consumes, once in order and once twice in any order: it knows the same of others' things.
import {
  activityWorkflowRequested,
  artifactStored,
  dataPoolChanged,
  dataPoolFileChanged,
  datasetFileChanged,
  envelope,
  registryBatchRequested,
  serviceVersionChanged,
  targetChanged,
  type EventDefinition,
} from '@weft/contracts';
import { openDatabase } from '@weft/database';
import { createLogger } from '@weft/telemetry';
import { allHeard, rowsOf, twiceAndShuffled } from '@weft/testkit';
import { expect, test } from 'vitest';
import { aTarget, limits } from './testing/engine.js';
import { startTestService } from './testing/jobs-service.js';

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const DURABLES = [
  'jobs-service-versions',
  'jobs-targets',
  'jobs-artifacts',
  'jobs-code-artifacts',
  'jobs-data-pools',
  'jobs-data-pool-files',
  'jobs-dataset-files',
  'jobs-activity-workflows',
  'jobs-registry-batches',
];
/** What every test service is told at its start has an id of its own. */
const OWN = `where id::text like '00000000-%' or id::text like 'target-%'`;
const TABLES = {
  versions: `select * from known_service_version ${OWN}`,
  targets: `select * from known_target ${OWN}`,
  artifacts: `select * from known_artifact ${OWN}`,
  pools: 'select * from known_data_pool',
  'pool files': 'select * from known_data_pool_file',
  'dataset files': 'select * from known_dataset_file',
  jobs: `select name, state, seq, service_id from job where kind <> 'REGISTRATION'`,
  registrations: `select id, name, state, seq, operation, batch_id, batch_index, needs_met from job where kind = 'REGISTRATION'`,
  batches: 'select id, name, jobs_total, pending, on_failure, hidden from batch',
  steps: 'select workflow_id, index, key, needs from workflow_step',
  parts: 'select * from registry_batch_part',
  'dead letters': 'select consumer, id, error from dead_letter',
};

interface Told {
  readonly by: 'execution' | 'marketplace' | 'registry';
  readonly subject: string;
  readonly body: string;
}

const tell = <T>(by: Told['by'], event: EventDefinition<T>, payload: T): Told => ({
  by,
  subject: event.subject(payload),
  body: JSON.stringify(envelope(event, event.schema.parse(payload), new Date(0), 'correlation-0')),
});

const version = (n: number, seq: number, organizationId: string): Told =>
  tell('marketplace', serviceVersionChanged, {
    serviceVersionId: id(n),
    seq,
    serviceId: id(100 + n),
    organizationId,
    serviceName: `solver ${seq}`,
    version: '1.0.0',
    lifecycle: seq === 1 ? 'CREATED' : 'PUBLISHED',
    code: { artifactId: id(200 + n), runtime: 'NODEJS' },
    dataSchema: null,
    paramsSchema: null,
  });

const { id: _id, kinds, runtimes, ...rest } = aTarget();
const target = (n: number, seq: number): Told =>
  tell('execution', targetChanged, {
    ...rest,
    targetId: `target-${n}`,
    seq,
    providerId: 'local',
    limits: { ...limits, concurrentAttempts: seq },
    status: seq % 2 === 0 ? 'UNAVAILABLE' : 'AVAILABLE',
    statusReason: seq % 2 === 0 ? 'for a test' : null,
    kinds: [...kinds],
    runtimes: [...runtimes],
    sizes: [...rest.sizes],
    images: [...rest.images],
  });

const artifact = (n: number, kind: 'INPUT' | 'CODE'): Told =>
  tell('execution', artifactStored, {
    artifactId: id(n),
    organizationId: id(900),
    jobId: null,
    name: 'file',
    mediaType: 'text/plain',
    kind,
    size: n,
    sha256: 'a'.repeat(64),
    createdBy: 'someone',
  } as never);

const asked = { organizationId: id(900), createdBy: 'someone', name: 'asked for by the registry' };
const registration = (n: number, name: string) => ({
  jobId: id(n),
  name,
  operation: 'REGISTER',
  params: { n },
});

const workflow = (n: number): Told =>
  tell('registry', activityWorkflowRequested, {
    ...asked,
    workflowId: id(n),
    steps: [
      { ...registration(n * 10, 'register'), key: 'register', needs: [] },
      { ...registration(n * 10 + 1, 'lodge'), key: 'lodge', needs: ['register'] },
    ],
  });

const pool = (n: number, seq: number): Told =>
  tell('registry', dataPoolChanged, {
    ...{ dataPoolId: id(500 + n), seq, organizationId: id(900 + seq), name: 'pool' },
    ...{ state: seq === 3 ? 'DELETED' : 'OPEN', dataReaders: [id(seq)], change: 'UPDATED' },
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
    ...{ itemId: id(800 + n), seq, organizationId: id(900 + seq), artifactId: id(400 + n), size: 1 },
    ...{ sha256: 'x', held: seq < 9, dataReaders: [id(seq)] },
  });

const batch = (n: number): Told[] =>
  [0, 1, 2].map((index) =>
    tell('registry', registryBatchRequested, {
      ...asked,
      batchId: id(n),
      part: { index, of: 3 },
      jobs: [registration(n * 10 + 2 * index, 'row'), registration(n * 10 + 2 * index + 1, 'row')],
    }),
  );

async function leftBy(arrange: (stream: readonly Told[]) => readonly Told[], oneByOne: boolean) {
  const testing = await startTestService({ JOBS_REFERENCE_WAIT: '60s' });
  const organizationId = testing.user.personalOrganizationId as string;
  // It waits for news that comes twice, too.
  await testing.submit({ serviceVersionId: id(1), name: 'waits for its version' });
  const { broker } = testing;
  const by = {
    execution: await broker.connect('execution'),
    marketplace: await broker.connect('marketplace'),
    registry: await broker.connect('registry'),
  };
  const ear = await broker.connect('jobs');
  const heard = () => allHeard(ear, DURABLES);
  const stream = arrange([
    ...[1, 2, 3].flatMap((n) => [1, 2, 3].map((seq) => version(n, seq, organizationId))),
    ...[1, 2].flatMap((n) => [1, 2, 3, 4].map((seq) => target(n, seq))),
    ...[301, 302].map((n) => artifact(n, 'INPUT')),
    ...[303, 304].map((n) => artifact(n, 'CODE')),
    ...[401, 402].map(workflow),
    ...[501, 502].flatMap(batch),
    ...[1, 2].flatMap((n) => [1, 2, 3].map((seq) => pool(n, seq))),
    ...[1, 2].flatMap((n) => [1, 2].map((seq) => poolFile(n, seq))),
    ...[1, 2].flatMap((n) => [1, 4, 9].map((seq) => datasetFile(n, seq))),
  ]);
  for (const told of stream) {
    await by[told.by].jetstream.publish(told.subject, told.body);
    if (oneByOne) await heard();
  }
  await heard();
  const database = await openDatabase({ url: testing.databaseUrl, applicationName: 'test', entities: [], migrations: [], logger: createLogger('test', 'silent') }); // prettier-ignore
  try {
    const left = await rowsOf(database, TABLES);
    return JSON.parse(JSON.stringify(left).replaceAll(organizationId, 'own')) as typeof left;
  } finally {
    await database.close();
    await testing.stop();
  }
}

test('twice and in any order leaves the same behind as once and in order', async () => {
  const once = await leftBy((stream) => stream, true);
  expect(once['dead letters']).toEqual([]);
  const rows = [
    'versions',
    'targets',
    'artifacts',
    'jobs',
    'registrations',
    'batches',
    'steps',
    'parts',
    'pools',
    'pool files',
    'dataset files',
  ];
  expect(rows.map((what) => once[what]?.length)).toEqual([3, 2, 4, 1, 16, 4, 4, 0, 2, 2, 2]);
  expect(await leftBy((stream) => twiceAndShuffled(stream, 20_261_121), false)).toEqual(once);
}, 90_000);
