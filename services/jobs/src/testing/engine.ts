// The engine on a real database without HTTP or broker: what the tests of the use cases share.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { AttemptReport, ClaimedAttempt, ItemReport } from '@weft/contracts';
import { Secret } from '@weft/config';
import type { Actor } from '@weft/identity';
import { patience } from '@weft/process';
import { createSecretBox, newSecretsKey } from '@weft/secrets';
import type { CommittedRow } from '@weft/outbox';
import { aUser, testDatabase, type TestDatabase } from '@weft/testkit';
import { createRecentJobs } from '../application/recent-jobs.js';
import { createClaimDesk, type ClaimDesk } from '../claim-desk.js';
import { createWaitingWorkers } from '../waiting-workers.js';
import { createCachedReferences } from '../persistence/cached-references.js';
import { createHotStore } from '../persistence/hot-store.js';
import type { JobReader } from '../application/job-reader.js';
import type { Ports, Signals, Timing } from '../application/ports.js';
import { reportAttempt, type Standing } from '../application/report-attempt.js';
import { submitJob } from '../application/submit-job.js';
import type { Job } from '../domain/job.js';
import type { KnownServiceVersion, KnownTarget } from '../domain/references.js';
import { createSchemaChecker } from '../domain/schema-check.js';
import type { Submission } from '../domain/submission.js';
import { announceJob } from '../messaging/publishes.js';
import { createQueueReader } from '../persistence/queue-reader.js';
import { createQueueCap } from '../application/queue-cap.js';
import { createJobReader } from '../persistence/job-reader.js';
import { MIGRATIONS } from '../persistence/migrations/index.js';
import { ENTITIES } from '../persistence/tables.js';
import { createTransact } from '../persistence/transact.js';
import { inTime } from '../in-time.js';

export const limits = {
  timeSeconds: 60,
  memoryBytes: 256 << 20,
  processes: 32,
  diskBytes: 64 << 20,
  logBytes: 1 << 20,
  resultBytes: 8 << 20,
  itemsPerSlice: 2,
  concurrentAttempts: 1_000,
};

const DEFAULT_LIMITS = { concurrentAttempts: null, queuedJobs: 1_000_000 };

export const TEST_SECRETS_KEY = newSecretsKey();

export const aTarget = (overrides: Partial<KnownTarget> = {}): KnownTarget => ({
  id: 'local-process',
  seq: 1,
  organizationId: null,
  name: 'Local process',
  kinds: ['MANAGED_SERVICE', 'COMMAND'],
  runtimes: ['NODEJS', 'PYTHON'],
  limits,
  sizes: [
    {
      name: 'small',
      description: 'Small.',
      cpus: 1,
      memoryBytes: 64 << 20,
      processes: 8,
      diskBytes: 1 << 20,
      timeSeconds: 30,
    },
  ],
  images: [
    { name: 'shell', description: 'Shell.', runtime: null },
    { name: 'nodejs', description: 'Node.js.', runtime: 'NODEJS' },
    { name: 'python', description: 'Python.', runtime: 'PYTHON' },
  ],
  cancelsRunning: true,
  status: 'AVAILABLE',
  statusReason: null,
  ...overrides,
});

export const aVersion = (
  organizationId: string,
  overrides: Partial<KnownServiceVersion> = {},
): KnownServiceVersion => ({
  id: randomUUID(),
  seq: 1,
  serviceId: randomUUID(),
  organizationId,
  name: 'solver',
  version: '1.0.0',
  lifecycle: 'CREATED',
  codeArtifactId: randomUUID(),
  runtime: 'NODEJS',
  dataSchema: null,
  paramsSchema: null,
  ...overrides,
});

export interface Engine {
  readonly database: TestDatabase;
  readonly ports: Ports;
  readonly desk: ClaimDesk;
  readonly reader: JobReader;
  readonly user: Actor;
  readonly organizationId: string;
  readonly version: KnownServiceVersion;
  readonly cancelled: string[];
  readonly stuck: string[];
  submission(overrides?: Partial<Submission>): Submission;
  /** Submits and gives the id; throws what was refused. */
  submit(overrides?: Partial<Submission>): Promise<string>;
  claim(options?: {
    capacity?: number;
    start?: boolean;
    requestId?: string;
    workerId?: string;
  }): Promise<ClaimedAttempt[]>;
  report(
    attempt: ClaimedAttempt,
    kind: AttemptReport['kind'],
    items?: ItemReport[],
    workerId?: string,
  ): Promise<Standing>;
  job(id: string): Promise<Job>;
  /** Lets every running lease end now. */
  silence(): Promise<void>;
  /** The same in a process of its own: on this database, and remembering nothing. */
  replica(options?: ReplicaOptions): Engine;
}

export const succeeded = (index: number, result: unknown = { ok: true }): ItemReport => ({
  index,
  outcome: 'SUCCEEDED',
  result: JSON.stringify(result),
  resultArtifactId: null,
  resultSha256: null,
  error: null,
});

export const failed = (index: number, code = 'SERVICE_EXCEPTION', retryable = true): ItemReport => ({
  index,
  outcome: 'FAILED',
  result: null,
  resultArtifactId: null,
  resultSha256: null,
  error: { code, message: `${code} happened`, retryable },
});

export interface ReplicaOptions {
  readonly timing?: Partial<Timing>;
  /** What stands between the use cases and what they read and write. */
  readonly around?: (ports: Ports) => Ports;
  /** What stands between the process and the database: a test that kills it there. */
  readonly through?: (database: TestDatabase) => TestDatabase;
  readonly signals?: Partial<Signals>;
  readonly now?: () => Date;
  readonly carry?: (rows: readonly CommittedRow[]) => void;
}

export interface EngineOptions extends ReplicaOptions {
  readonly database?: TestDatabase;
  readonly target?: Partial<KnownTarget>;
  readonly user?: Actor;
}

type World = Pick<Engine, 'database' | 'user' | 'organizationId' | 'version'>;

export async function startEngine({
  database,
  target,
  user = aUser(),
  ...options
}: EngineOptions = {}): Promise<Engine> {
  const organizationId = user.personalOrganizationId as string;
  const world = {
    database:
      database ??
      (await testDatabase({ applicationName: 'jobs', entities: ENTITIES, migrations: MIGRATIONS })),
    user,
    organizationId,
    version: aVersion(organizationId),
  };
  const engine = replicaOf(world, options);
  await engine.ports.transact(async (tx) => {
    await tx.references.keepTarget(aTarget(target));
    await tx.references.keepServiceVersion(world.version);
  });
  return engine;
}

function replicaOf(world: World, options: ReplicaOptions): Engine {
  const { user, organizationId, version } = world;
  const { through = (database: TestDatabase) => database, carry = () => undefined } = options;
  const { now = world.database.now, around = (given: Ports) => given } = options;
  const database = through(Object.assign(Object.create(world.database) as TestDatabase, { now }));
  const cancelled: string[] = [];
  const stuck: string[] = [];
  const references = createCachedReferences(database);
  const ports = around({
    transact: createTransact(database, announceJob, carry, references.clear),
    hot: createHotStore(database, announceJob, carry, (births) => waiting.handOver(births)),
    recent: createRecentJobs(),
    references,
    now,
    signals: {
      jobChanged: () => undefined,
      claimable: () => undefined,
      due: () => undefined,
      freed: (ended, ranAt) => waiting.freed(ended, ranAt),
      cancelRequested: (requests) =>
        cancelled.push(
          ...requests.map(({ attempt: { jobId, number }, items }) =>
            [jobId, number, ...(items === null ? [] : [`items ${items.join()}`])].join(':'),
          ),
        ),
      batchAccepted: () => undefined,
      stepEnded: () => undefined,
      stuck: (jobId) => void stuck.push(jobId),
      ...options.signals,
    },
    chance: {
      random: () => 0.5,
      newId: () => randomUUID(),
      sha256: (text) => createHash('sha256').update(text).digest('hex'),
    },
    secrets: createSecretBox(new Secret(TEST_SECRETS_KEY)),
    timing: {
      startLeaseMs: 10_000,
      leaseMs: 30_000,
      backoff: { baseMs: 20, maxMs: 100 },
      referenceWaitMs: 10_000,
      ...options.timing,
    },
    limits: DEFAULT_LIMITS,
    queueCap: createQueueCap(createQueueReader(database, DEFAULT_LIMITS)),
    patience: () => patience(options.timing?.referenceWaitMs ?? 10_000),
    webhooks: {
      policy: { allowHttp: true, allowPrivate: true },
      newKey: () => randomBytes(32),
    },
  });
  const waiting = createWaitingWorkers(ports);
  const desk = createClaimDesk(ports, { waiting });
  const reader = createJobReader(database);
  const schemas = createSchemaChecker(inTime);
  const submission = (overrides: Partial<Submission> = {}): Submission => ({
    organizationId,
    name: 'a job',
    serviceVersionId: version.id,
    command: null,
    size: null,
    image: null,
    targetId: 'local-process',
    data: '{"n":1}',
    dataArtifactId: null,
    params: null,
    items: [null],
    priority: 0,
    tags: [],
    maxAttempts: 1,
    timeoutSeconds: null,
    startAt: null,
    deadline: null,
    idempotencyKey: null,
    ...overrides,
  });
  return {
    database,
    ports,
    desk,
    reader,
    user,
    organizationId,
    version,
    cancelled,
    stuck,
    submission,
    async submit(overrides) {
      const outcome = await submitJob(ports, schemas, user.id, 'correlation-1', submission(overrides));
      if (!outcome.ok) throw new Error(outcome.errors.map((error) => error.code).join());
      return outcome.value.jobId;
    },
    async claim({ capacity = 10, start = true, requestId = randomUUID(), workerId = 'worker-1' } = {}) {
      await ports.hot.promote(100);
      return desk.claim({ workerId, targetId: 'local-process' }, { requestId, capacity, start });
    },
    report: (attempt, kind, items = [], workerId = 'worker-1') =>
      reportAttempt(
        ports,
        { workerId, targetId: 'local-process' },
        { jobId: attempt.jobId, attempt: attempt.attempt, fence: attempt.fence, kind, items, usage: null },
      ),
    async job(id) {
      const job = await reader.job(user, id);
      if (job === undefined) throw new Error(`no job ${id}`);
      return job;
    },
    async silence() {
      await database.query(
        `update attempt set lease_until = now() - interval '1 second' where outcome = 'RUNNING'`,
      );
    },
    replica: (more) => replicaOf(world, { ...options, ...more }),
  };
}
