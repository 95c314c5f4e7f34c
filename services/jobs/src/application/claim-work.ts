import {
  INLINE_BYTES,
  type ClaimedAttempt,
  type ClaimRequest,
  type InputValue,
  type ServiceCode,
} from '@weft/contracts';
import { AppError } from '@weft/errors';
import { JobChange } from '../domain/job-change.js';
import type { Attempt, JobItem, TransitionActor } from '../domain/job.js';
import { imageOf, limitsOf, type KnownServiceVersion, type KnownTarget } from '../domain/references.js';
import { openCommand } from './keep-command.js';
import { commitChanges, type JobInput, type LockedJob, type Ports, type Work } from './ports.js';

/** What all values by value in one answer may have together, and how many items it may name: it must fit into a message. */
const ANSWER_INLINE_BYTES = 256 * 1024;
const ANSWER_ITEMS = 4_096;

export interface Claimant {
  readonly workerId: string;
  readonly targetId: string;
}

/** Hands slices of claimable jobs to a worker, under a short lease until its first renewal. Repeating a request gives the same slices again. */
export function claimWork(
  ports: Ports,
  claimant: Claimant,
  request: Pick<ClaimRequest, 'requestId' | 'capacity' | 'start'>,
): Promise<ClaimedAttempt[]> {
  return ports.transact(async (tx) => {
    const target = await tx.references.target(claimant.targetId);
    if (target === undefined) return [];
    const given = await tx.jobs.attemptsOfClaim(claimant.workerId, request.requestId);
    if (given === undefined)
      throw new AppError('SERVICE_UNAVAILABLE', 'This claim is being served already; ask again.');
    if (given.length > 0) return describeAgain(ports, tx, target, given);
    const most = Math.ceil(ANSWER_ITEMS / target.limits.itemsPerSlice);
    const locked = await tx.jobs.lockClaimable(claimant.targetId, Math.min(request.capacity, most));
    if (locked.length === 0) return [];
    const fences = await tx.jobs.nextFences(locked.length);
    const claims = locked.map((one, index) =>
      claimSlice(ports, claimant, request, target, one, fences[index] as number),
    );
    await commitChanges(
      tx,
      ports.signals,
      claims.map(({ change, locked: { input } }) => ({ change, input })),
    );
    return describe(
      ports,
      tx,
      target,
      claims.map(({ change, attempt }) => ({ change, attempt })),
    );
  });
}

interface Claim {
  readonly locked: LockedJob;
  readonly change: JobChange;
  readonly attempt: Attempt;
}

function claimSlice(
  { timing }: Ports,
  { workerId, targetId }: Claimant,
  request: Pick<ClaimRequest, 'requestId' | 'start'>,
  target: KnownTarget,
  locked: LockedJob,
  fence: number,
): Claim {
  const { job, items, now } = locked;
  const change = new JobChange(job, items, now);
  const slice = change
    .items('PENDING')
    .filter((item) => item.runAt <= now)
    .slice(0, target.limits.itemsPerSlice)
    .map((item) => item.index);
  const actor: TransitionActor = { kind: 'worker', id: workerId };
  const number = job.attempts + 1;
  change.patchJob({ attempts: number });
  change.move(slice, {
    to: 'DEQUEUED',
    cause: 'CLAIMED',
    actor,
    attempt: number,
    patch: () => ({ attempt: number }),
  });
  if (request.start) change.move(slice, { to: 'IN_PROGRESS', cause: 'STARTED', actor, attempt: number });
  const attempt: Attempt = {
    jobId: job.id,
    number,
    fence,
    workerId,
    targetId,
    items: slice,
    outcome: 'RUNNING',
    claimedAt: now,
    startedAt: request.start ? now : null,
    endedAt: null,
    leaseUntil: new Date(now.getTime() + timing.startLeaseMs),
    claimRequestId: request.requestId,
  };
  change.putAttempt(attempt);
  return { locked, change, attempt };
}

async function describeAgain(
  ports: Ports,
  tx: Work,
  target: KnownTarget,
  attempts: readonly Attempt[],
): Promise<ClaimedAttempt[]> {
  const claims: { change: JobChange; attempt: Attempt }[] = [];
  for (const attempt of attempts) {
    const locked = await tx.jobs.lock(attempt.jobId);
    if (locked !== undefined)
      claims.push({ change: new JobChange(locked.job, locked.items, locked.now), attempt });
  }
  return describe(ports, tx, target, claims);
}

async function describe(
  ports: Ports,
  tx: Work,
  target: KnownTarget,
  claims: readonly { readonly change: JobChange; readonly attempt: Attempt }[],
): Promise<ClaimedAttempt[]> {
  const versions = await tx.references.serviceVersions([
    ...new Set(claims.flatMap(({ change }) => change.job.serviceVersionId ?? [])),
  ]);
  const inputs = await tx.jobs.inputs(claims.map(({ change }) => change.job.inputId));
  const described: ClaimedAttempt[] = [];
  const inputValue = createInlining();
  for (const { change, attempt } of claims) {
    const input = inputs.get(change.job.inputId);
    if (input === undefined) throw new Error(`job ${change.job.id} was claimable without its input`);
    const { serviceVersionId } = change.job;
    const code =
      serviceVersionId === null
        ? { command: describeCommand(ports, input, target, inputValue) }
        : codeOf(serviceVersionId, versions);
    const slice = attempt.items.map((index) => change.item(index));
    described.push(describeAttempt(ports, change, attempt, slice, code, target, input, inputValue));
  }
  return described;
}

function codeOf(id: string, versions: ReadonlyMap<string, KnownServiceVersion>): ServiceCode {
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
  { timing }: Ports,
  { job }: JobChange,
  attempt: Attempt,
  slice: readonly JobItem[],
  code: ClaimedAttempt['code'],
  target: KnownTarget,
  input: JobInput,
  inputValue: (json: string | null) => InputValue,
): ClaimedAttempt {
  const limits = limitsOf(target, input.size);
  const timeoutSeconds = Math.min(job.timeoutSeconds ?? limits.timeSeconds, limits.timeSeconds);
  return {
    jobId: job.id,
    attempt: attempt.number,
    fence: attempt.fence,
    organizationId: job.organizationId,
    kind: job.kind,
    jobName: job.name,
    correlationId: job.correlationId,
    leaseMs: timing.startLeaseMs,
    timeoutMs: timeoutSeconds * 1_000,
    deadlineAt: null,
    plannedFor: job.plannedFor?.toISOString() ?? null,
    idempotencyKey: `${job.id}:${slice.map((item) => item.index).join(',')}`,
    code,
    limits,
    data:
      input.dataArtifactId === null
        ? inputValue(input.data)
        : { by: 'artifact', artifactId: input.dataArtifactId },
    params: inputValue(input.params),
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
