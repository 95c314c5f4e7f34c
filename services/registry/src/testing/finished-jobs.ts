import { createHash } from 'node:crypto';
import {
  canonicalEnvironment,
  type ArtifactStored,
  type DescribedEnvironment,
  type JobChanged,
  type JobRecordChanged,
  type ServiceVersionChanged,
  type TargetChanged,
} from '@weft/contracts';

/** Jobs that have ended, as the jobs service tells of them. For tests. */

/** A readable id: `id('job 1')` is the same uuid everywhere. */
export function id(name: string): string {
  const hex = createHash('md5').update(name).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
}

export const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

export const ACME = id('organization acme');
export const RIVAL = id('organization rival');

const STARTED = '2026-11-20T10:00:01.000Z';
const ENDED = '2026-11-20T10:00:02.000Z';

export function aSucceededJob(name: string, changes: Partial<JobChanged> = {}): JobChanged {
  const job: JobChanged = {
    jobId: id(name),
    organizationId: ACME,
    createdBy: id('user ada'),
    name,
    kind: 'MANAGED_SERVICE',
    serviceId: id('service tabu'),
    serviceVersionId: id('version tabu 1'),
    targetId: 'local',
    state: 'SUCCEEDED',
    seq: 4,
    itemsTotal: 1,
    submittedAt: '2026-11-20T10:00:00.000Z',
    startedAt: STARTED,
    endedAt: ENDED,
    retryOf: null,
    inputs: { dataSha256: sha(`data of ${name}`), paramsSha256: sha('{}'), artifactIds: [] },
    transitions: [transition(changes.state ?? 'SUCCEEDED')],
    attempts: [anAttempt(1)],
    outcomes: [anOutcome(0, { resultSha256: sha(`result of ${name}`) })],
    ...changes,
  };
  return job;
}

export const aFailedJob = (name: string, changes: Partial<JobChanged> = {}): JobChanged =>
  aSucceededJob(name, {
    state: 'FAILED',
    attempts: [anAttempt(1, { outcome: 'FAILED' })],
    outcomes: [anOutcome(0, { state: 'FAILED', errorCode: 'SERVICE_EXCEPTION' })],
    ...changes,
  });

/** Cancelled before a worker had it. */
export const aCancelledJob = (name: string, changes: Partial<JobChanged> = {}): JobChanged =>
  aSucceededJob(name, {
    state: 'CANCELLED',
    startedAt: null,
    attempts: [],
    outcomes: [anOutcome(0, { state: 'CANCELLED', attempt: null })],
    ...changes,
  });

export const anAttempt = (
  number: number,
  changes: Partial<JobChanged['attempts'][number]> = {},
): JobChanged['attempts'][number] => ({
  number,
  fence: number,
  workerId: `worker-${number}`,
  targetId: 'local',
  outcome: 'SUCCEEDED',
  firstItem: 0,
  lastItem: 0,
  claimedAt: STARTED,
  endedAt: ENDED,
  ...changes,
});

export const anOutcome = (
  index: number,
  changes: Partial<JobChanged['outcomes'][number]> = {},
): JobChanged['outcomes'][number] => ({
  index,
  state: 'SUCCEEDED',
  attempt: 1,
  resultSha256: null,
  resultArtifactId: null,
  errorCode: null,
  carriedFrom: null,
  ...changes,
});

export const aServiceVersion = (changes: Partial<ServiceVersionChanged> = {}): ServiceVersionChanged => ({
  serviceVersionId: id('version tabu 1'),
  seq: 1,
  serviceId: id('service tabu'),
  organizationId: ACME,
  serviceName: 'tabu',
  version: '1.0.0',
  lifecycle: 'CREATED',
  code: { artifactId: id('artifact code'), runtime: 'NODEJS' },
  dataSchema: null,
  paramsSchema: null,
  ...changes,
});

const transition = (to: JobChanged['state']): JobChanged['transitions'][number] => ({
  seq: 4,
  at: ENDED,
  cause: 'finished',
  actor: { kind: 'worker', id: 'worker-1' },
  from: 'IN_PROGRESS',
  to,
  reason: null,
  attempt: 1,
  items: [],
  message: null,
});

export function anEnvironment(version = '24.1.0'): DescribedEnvironment {
  const environment: DescribedEnvironment['environment'] = {
    runtime: { name: 'NODEJS', version },
    image: null,
    sandbox: { kind: 'bubblewrap', version: '0.8.0', meter: 'cgroup-v2' },
    platform: { os: 'linux', release: '6.1', arch: 'x64' },
    worker: { version: '0.1.0' },
    limits: {
      timeSeconds: 60,
      memoryBytes: 2 ** 28,
      processes: 64,
      diskBytes: 2 ** 26,
      logBytes: 2 ** 20,
      resultBytes: 2 ** 20,
    },
  };
  return { digest: sha(canonicalEnvironment(environment)), environment };
}

export const aFile = (name: string, changes: Partial<ArtifactStored> = {}): ArtifactStored => ({
  artifactId: id(name),
  organizationId: ACME,
  name: `${name}.mjs`,
  kind: 'CODE',
  mediaType: 'text/javascript',
  size: 10,
  sha256: sha(name),
  ...changes,
});

const A_LOT = 2 ** 20;

export const aTarget = (changes: Partial<TargetChanged> = {}): TargetChanged => ({
  targetId: 'local',
  seq: 1,
  providerId: 'weft',
  name: 'This machine',
  organizationId: null,
  kinds: ['MANAGED_SERVICE'],
  runtimes: ['NODEJS'],
  limits: {
    timeSeconds: 60,
    memoryBytes: A_LOT,
    processes: 64,
    diskBytes: A_LOT,
    logBytes: A_LOT,
    resultBytes: A_LOT,
    itemsPerSlice: 1,
    concurrentAttempts: 4,
  },
  cancelsRunning: true,
  status: 'AVAILABLE',
  statusReason: null,
  ...changes,
});

export const aGivenJob = (
  name: string,
  organizationId: string,
  changes: Partial<JobRecordChanged> = {},
): JobRecordChanged => ({
  jobId: id(name),
  revision: 1,
  change: 'TRANSFERRED',
  organizationId,
  previousOrganizationId: ACME,
  jobSeq: 4,
  ...changes,
});
