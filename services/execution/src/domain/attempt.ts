import type { AttemptOutcome, AttemptRef, JobState } from '@weft/contracts';

/** Execution's copy of a job: fed by events, used to decide who may see and write what. */
export interface KnownJob {
  readonly id: string;
  readonly organizationId: string;
  readonly state: JobState;
  readonly seq: number;
  readonly targetId: string;
  readonly serviceVersionId: string | null;
  readonly inputArtifactIds: readonly string[];
}

export interface KnownAttempt {
  readonly jobId: string;
  readonly number: number;
  readonly fence: number;
  readonly workerId: string;
  readonly targetId: string;
  readonly outcome: AttemptOutcome;
  readonly endedAt: Date | null;
  /** Its worker has said that no line follows. */
  readonly logComplete: boolean;
}

/** Who asks, by the subject that the broker let it publish on. */
export interface WorkerIdentity {
  readonly workerId: string;
  readonly targetId: string;
}

export type Standing = 'OK' | 'ATTEMPT_UNKNOWN' | 'LEASE_LOST';

/**
 * Whether a worker may write for an attempt. The news of an attempt can arrive after its worker's first word: then the
 * worker asks again. What the attempt logged before it ended may arrive after its end, unless the attempt was given up.
 */
export function standingOf(
  attempt: KnownAttempt | undefined,
  worker: WorkerIdentity,
  reference: AttemptRef,
  use: 'log' | 'artifact',
): Standing {
  if (attempt === undefined) return 'ATTEMPT_UNKNOWN';
  const own =
    attempt.workerId === worker.workerId &&
    attempt.targetId === worker.targetId &&
    attempt.fence === reference.fence;
  if (!own || attempt.outcome === 'LOST') return 'LEASE_LOST';
  if (use === 'artifact' && attempt.outcome !== 'RUNNING') return 'LEASE_LOST';
  return 'OK';
}

/** How long the lines of an ended attempt may still be on their way. */
export const LOG_GRACE_MS = 15_000;

/** Whether nothing can follow any more in a job's log. Attempts are numbered from 1: a missing number is news still on its way. */
export function logIsComplete(final: boolean, attempts: readonly KnownAttempt[], now: Date): boolean {
  const allKnown = attempts.length === Math.max(0, ...attempts.map((attempt) => attempt.number));
  return (
    final &&
    allKnown &&
    attempts.every((attempt) => attempt.logComplete || attempt.outcome === 'LOST' || isLongOver(attempt, now))
  );
}

const isLongOver = ({ endedAt }: KnownAttempt, now: Date): boolean =>
  endedAt !== null && now.getTime() - endedAt.getTime() > LOG_GRACE_MS;
