// What a worker is told of an attempt that it was given.
import {
  INLINE_BYTES,
  type ClaimedAttempt,
  type InputValue,
  type OperationCode,
  type ServiceCode,
} from '@weft/contracts';
import type { Attempt, Job, JobItem } from '../domain/job.js';
import { imageOf, limitsOf, type KnownServiceVersion, type KnownTarget } from '../domain/references.js';
import { openCommand } from './keep-command.js';
import type { JobInput, KnownJob, Ports } from './ports.js';
import type { ClaimRequestId } from './queue-ports.js';

/** What all values by value in one answer may have together: it must fit into a message. */
const ANSWER_INLINE_BYTES = 256 * 1024;

export interface GivenAttempt extends ClaimRequestId {
  readonly known: KnownJob;
  readonly attempt: Attempt;
}

/** The answer to each of the requests. */
export async function describeAttempts(
  ports: Ports,
  target: KnownTarget,
  requests: readonly ClaimRequestId[],
  given: readonly GivenAttempt[],
): Promise<ClaimedAttempt[][]> {
  if (given.length === 0) return requests.map(() => []);
  const versions = await ports.references.serviceVersions([
    ...new Set(given.flatMap(({ known }) => known.job.serviceVersionId ?? [])),
  ]);
  const large = given.flatMap(({ known }) => (known.values === null ? [known.job.inputId] : []));
  const inputs = large.length === 0 ? new Map<string, JobInput>() : await ports.hot.inputs(large);
  return requests.map(({ workerId, requestId }) => {
    const inputValue = createInlining();
    return given
      .filter((one) => one.workerId === workerId && one.requestId === requestId)
      .map(({ known: { job, items, values }, attempt }) => {
        const input = values ?? inputs.get(job.inputId);
        if (input === undefined) throw new Error(`job ${job.id} was claimable without its input`);
        const code = codeOf(job, versions) ?? { command: describeCommand(ports, input, target, inputValue) };
        const slice = items.filter((item) => attempt.items.includes(item.index));
        return describeAttempt(ports, job, attempt, slice, code, target, input, inputValue);
      });
  });
}

/** Undefined for a command. */
function codeOf(
  { operation, serviceVersionId: id }: Job,
  versions: ReadonlyMap<string, KnownServiceVersion>,
): OperationCode | ServiceCode | undefined {
  if (operation !== null) return { operation };
  if (id === null) return undefined;
  const version = versions.get(id);
  if (version === undefined) throw new Error(`a job was claimable without its service version ${id}`);
  return { artifactId: version.codeArtifactId, runtime: version.runtime };
}

/** What cannot be opened is left to be fetched: then it fails its own job, and not the claim of all. */
function describeCommand(
  { secrets }: Ports,
  input: JobInput,
  target: KnownTarget,
  inputValue: (json: string | null) => InputValue,
): InputValue {
  try {
    return inputValue(openCommand(secrets, input, imageOf(target, input.image)?.runtime ?? null) ?? null);
  } catch {
    return { by: 'fetch', bytes: 0 };
  }
}

function describeAttempt(
  { timing, now }: Ports,
  job: Job,
  attempt: Attempt,
  slice: readonly JobItem[],
  code: ClaimedAttempt['code'],
  target: KnownTarget,
  input: JobInput,
  inputValue: (json: string | null) => InputValue,
): ClaimedAttempt {
  const limits = limitsOf(target, input.size);
  const ownMs = 1_000 * Math.min(job.timeoutSeconds ?? limits.timeSeconds, limits.timeSeconds);
  const leftMs = job.deadline === null ? Infinity : job.deadline.getTime() - now().getTime();
  return {
    jobId: job.id,
    attempt: attempt.number,
    fence: attempt.fence,
    organizationId: job.organizationId,
    createdBy: job.createdBy,
    kind: job.kind,
    jobName: job.name,
    correlationId: job.correlationId,
    leaseMs: timing.startLeaseMs,
    timeoutMs: Math.max(1, Math.ceil(Math.min(ownMs, leftMs))),
    deadlineAt: leftMs < ownMs ? (job.deadline?.toISOString() ?? null) : null,
    plannedFor: job.plannedFor?.toISOString() ?? null,
    idempotencyKey: `${job.id}:${slice.map((item) => item.index).join(',')}`,
    code,
    ...(input.image === null ? {} : { image: input.image }),
    limits,
    data:
      input.dataArtifactId === null
        ? inputValue(input.data)
        : { by: 'artifact', artifactId: input.dataArtifactId },
    params: inputValue(input.params),
    // A pool keeps files.
    ...(input.resultPool === null ? {} : { storeResults: true }),
    items: slice.map((item) => ({
      index: item.index,
      params: inputValue(input.itemParams[item.index] ?? null),
    })),
  };
}

/** Small values travel in the answer as long as there is room; the others are fetched. */
function createInlining(): (json: string | null) => InputValue {
  let room = ANSWER_INLINE_BYTES;
  return (json) => {
    if (json === null) return { by: 'none' };
    const bytes = Buffer.byteLength(json);
    if (bytes > INLINE_BYTES / 8 || bytes > room) return { by: 'fetch', bytes };
    room -= bytes;
    return { by: 'value', json };
  };
}
