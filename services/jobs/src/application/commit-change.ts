// How a change of a job is written, and who is told of it.
import { isFinalJobState } from '@weft/contracts';
import type { JobChange } from '../domain/job-change.js';
import type { KnownJob, LockedJob, Ports, Work, Written } from './ports.js';

/** Writes a change under the job's lock and, after the commit, tells whom it concerns. */
export const commitChange = (
  ports: Ports,
  tx: Work,
  { input }: LockedJob,
  change: JobChange,
): Promise<void> => commitChanges(ports, tx, [{ change, input }]);

/** The same for several locked jobs at once. */
export async function commitChanges(
  ports: Ports,
  tx: Work,
  changes: readonly Pick<Written, 'change' | 'input'>[],
): Promise<void> {
  const written = changes.filter(({ change }) => change.changed).map((one) => ({ ...one, attempts: [] }));
  await tx.jobs.save(written);
  tx.afterCommit(() => {
    for (const { change } of written) {
      ports.recent.forget(change.job.id);
      tell(ports, change);
    }
  });
}

/** Writes a change of a job that was not locked; false where it has moved on meanwhile: nothing was written. */
export async function commitGuarded(ports: Ports, known: KnownJob, change: JobChange): Promise<boolean> {
  const { input, attempts } = known;
  const ranAt = performance.now();
  const saved = await ports.hot.save({ change, input, attempts });
  settleGuarded(ports, known, change, saved, ranAt);
  return saved;
}

/**
 * What follows a guarded write, once its outcome is known.
 * @param ranAt when what it ended still ran.
 */
export function settleGuarded(
  ports: Ports,
  known: KnownJob,
  change: JobChange,
  saved: boolean,
  ranAt?: number,
): void {
  if (!saved || isFinalJobState(change.job.state)) ports.recent.forget(change.job.id);
  else ports.recent.remember(afterChange(known, change));
  if (saved) tell(ports, change, ranAt);
}

function tell({ signals }: Ports, { job, transitions, attempts, now }: JobChange, ranAt?: number): void {
  signals.jobChanged(job, transitions);
  if (job.needsMet !== null && isFinalJobState(job.state)) signals.stepEnded();
  const ended = attempts.filter((attempt) => attempt.outcome !== 'RUNNING');
  if (ended.length > 0) signals.freed(ended, ranAt);
  // By the clock of the change, as its queue entry: between the two a job that is due would be seen by nobody.
  if (job.claimableAt !== null && job.claimableAt <= now) signals.claimable(job.targetId);
  else if (job.claimableAt !== null) signals.due(job.claimableAt);
}

function afterChange({ attempts, input, values }: KnownJob, change: JobChange): KnownJob {
  const changed = new Set(change.attempts.map((attempt) => attempt.number));
  return {
    job: change.job,
    items: change.allItems.map((item) => (item.result === null ? item : { ...item, result: null })),
    at: change.now,
    attempts: [...attempts.filter((attempt) => !changed.has(attempt.number)), ...change.attempts],
    input,
    values,
  };
}
