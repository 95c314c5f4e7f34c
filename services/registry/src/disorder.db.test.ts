// Everything that the registry consumes, once in order and once twice in any order: both leave the same provenance behind.
import {
  artifactStored,
  envelope,
  environmentDescribed,
  jobChanged,
  jobRecordChanged,
  serviceVersionChanged,
  targetChanged,
  type EventDefinition,
  type JobRecordChanged,
} from '@weft/contracts';
import { openDatabase } from '@weft/database';
import { createLogger } from '@weft/telemetry';
import {
  allHeard,
  emptyTestDatabase,
  rowsOf,
  testBroker,
  testIdentity,
  twiceAndShuffled,
} from '@weft/testkit';
import { expect, test } from 'vitest';
import { registryConfig } from './config.js';
import { createRegistryService } from './service.js';
import {
  aCancelledJob,
  ACME,
  aFailedJob,
  aFile,
  aGivenJob,
  anAttempt,
  anEnvironment,
  anOutcome,
  aServiceVersion,
  aSucceededJob,
  aTarget,
  id,
  RIVAL,
  sha,
} from './testing/finished-jobs.js';

const logger = createLogger('test', 'silent');
const DURABLES = [
  ...['succeeded', 'failed', 'cancelled'].map((state) => `registry-jobs-${state}`),
  'registry-service-versions',
  'registry-job-records',
  'registry-artifacts',
  'registry-targets',
  'registry-environments',
];
const TABLES = {
  nodes:
    'select public_id, kind, subtype, organization_id, readers, revision, name, facts, described_by from node',
  edges: `select s.public_id as src, d.public_id as dst, e.relation, e.role, e.organization_id
    from edge e join node s on s.id = e.src join node d on d.id = e.dst`,
  artifacts: 'select * from known_artifact',
  'job records': 'select * from known_job_record',
  descriptions: 'select * from node_description',
  'dead letters': 'select consumer, id, error from dead_letter',
};

interface Told {
  readonly by: 'jobs' | 'marketplace' | 'execution';
  readonly subject: string;
  readonly body: string;
}

const tell = <T>(by: Told['by'], event: EventDefinition<T>, payload: T): Told => ({
  by,
  subject: event.subject(payload),
  body: JSON.stringify(envelope(event, payload, new Date(0), 'correlation-1')),
});

const artifact = id('artifact of all');
const recordOf = (job: string, revision: number, change: JobRecordChanged['change']): Told =>
  tell('jobs', jobRecordChanged, {
    ...{ jobId: id(job), revision, change, jobSeq: 4 },
    ...{ organizationId: RIVAL, previousOrganizationId: ACME },
  });

const ALL: readonly Told[] = [
  tell('execution', artifactStored, {
    ...{ artifactId: artifact, organizationId: ACME, name: 'result.json', kind: 'RESULT' },
    ...{ mediaType: 'application/json', size: 7, sha256: sha('shared') },
  }),
  recordOf('producer', 1, 'TRANSFERRED'),
  recordOf('producer', 2, 'DELETED'),
  recordOf('consumer', 1, 'TRANSFERRED'),
  ...(['CREATED', 'PUBLISHED'] as const).map((lifecycle, index) =>
    tell('marketplace', serviceVersionChanged, aServiceVersion({ lifecycle, seq: index + 1 })),
  ),
  ...[
    aSucceededJob('on its way', { state: 'IN_PROGRESS', outcomes: [] }),
    aSucceededJob('producer', {
      outcomes: [anOutcome(0, { resultSha256: sha('shared'), resultArtifactId: artifact })],
    }),
    aSucceededJob('consumer', {
      inputs: { dataSha256: sha('shared'), paramsSha256: null, artifactIds: [artifact] },
    }),
    aSucceededJob('another', { organizationId: RIVAL }),
    aFailedJob('failed'),
    aSucceededJob('retry', { retryOf: id('failed') }),
    aCancelledJob('cancelled'),
    ...[1, 2, 3, 4].map((n) => aSucceededJob(`of many ${n}`)),
    aSucceededJob('in a known place', {
      attempts: [anAttempt(1, { environment: anEnvironment().digest })],
      inputs: {
        ...{ dataSha256: null, paramsSha256: null, commandSha256: sha('ls') },
        ...{ artifactIds: [id('file'), id('script')], codeArtifactId: id('script') },
      },
      outcomes: [anOutcome(0, { resultArtifactId: id('given away') })],
      needs: [id('producer'), id('never heard of')],
    }),
  ].map((job) => tell('jobs', jobChanged, job)),
  ...[
    aGivenJob('in a known place', RIVAL),
    aGivenJob('in a known place', ACME, { revision: 2, previousOrganizationId: RIVAL }),
    aGivenJob('consumer', RIVAL),
    aGivenJob('consumer', RIVAL, { revision: 3, change: 'DELETED' }),
    aGivenJob('never recorded', RIVAL),
  ].map((change) => tell('jobs', jobRecordChanged, change)),
  ...[
    aFile('artifact code'),
    aFile('script'),
    aFile('file', { kind: 'INPUT' }),
    aFile('unused', { kind: 'INPUT' }),
    aFile('given away', { kind: 'RESULT' }),
  ].map((file) => tell('execution', artifactStored, file)),
  ...[1, 2].map((seq) => tell('execution', targetChanged, aTarget({ seq, name: `Machine ${seq}` }))),
  tell('execution', environmentDescribed, anEnvironment()),
];

async function leftBy(stream: readonly Told[], oneByOne: boolean) {
  const broker = await testBroker();
  const url = await emptyTestDatabase('registry_disorder');
  const service = await createRegistryService(
    registryConfig.read({
      DATABASE_URL: url,
      NATS_URL: broker.url,
      NATS_USER: 'registry',
      NATS_PASSWORD: broker.password('registry'),
      ACTOR_JWKS: (await testIdentity()).jwks,
    }),
    { logger },
  );
  const database = await openDatabase({ url, applicationName: 'test', entities: [], migrations: [], logger });
  try {
    const by = {
      jobs: await broker.connect('jobs'),
      marketplace: await broker.connect('marketplace'),
      execution: await broker.connect('execution'),
    };
    const ear = await broker.connect('registry');
    await ear.ensureStream();
    const heard = () => allHeard(ear, DURABLES);
    for (const told of stream) {
      await by[told.by].jetstream.publish(told.subject, told.body);
      if (oneByOne) await heard();
    }
    await heard();
    return await rowsOf(database, TABLES);
  } finally {
    await service.stop();
    await database.close();
  }
}

test('twice and in any order leaves the same behind as once and in order', async () => {
  const once = await leftBy(ALL, true);
  expect(once['dead letters']).toEqual([]);
  expect(once['nodes']?.length).toBeGreaterThan(20);
  expect(await leftBy(twiceAndShuffled(ALL, 20_261_121), false)).toEqual(once);
}, 90_000);
