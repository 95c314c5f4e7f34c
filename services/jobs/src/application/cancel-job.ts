import { hasRole, type Actor } from '@weft/identity';
import { isFinalJobState } from '@weft/contracts';
import { done, refused, userError, type Outcome } from '@weft/errors';
import { JobChange } from '../domain/job-change.js';
import type { TransitionActor } from '../domain/job.js';
import { commitChanges, type LockedJob, type Ports, type Work } from './ports.js';

/** In PENDING at once; while running it is a request, pushed to the worker where the target can honour it (DESIGN §5). */
export function cancelJob(ports: Ports, actor: Actor, jobId: string): Promise<Outcome<{ jobId: string }>> {
  return ports.transact(async (tx) => {
    const locked = await tx.jobs.lock(jobId);
    if (locked === undefined || !hasRole(actor, locked.job.organizationId, 'VIEWER')) {
      return refused(userError('NOT_FOUND', 'There is no such job.', 'input', 'id'));
    }
    if (!hasRole(actor, locked.job.organizationId, 'MAINTAINER')) {
      return refused(
        userError('FORBIDDEN', 'Cancelling needs the role MAINTAINER in the organization.', 'input', 'id'),
      );
    }
    if (isFinalJobState(locked.job.state)) {
      return refused(
        userError(
          'JOB_ALREADY_FINAL',
          `The job has ended (${locked.job.state}); it cannot be cancelled any more.`,
          'input',
          'id',
        ),
      );
    }
    await cancelLocked(ports, tx, locked, { kind: 'user', id: actor.id });
    return done({ jobId });
  });
}

/** Cancels inside a transaction that does more than that; a job that is final stays as it is. */
export async function cancelIn(ports: Ports, tx: Work, jobId: string, by: TransitionActor): Promise<void> {
  const locked = await tx.jobs.lock(jobId);
  if (locked !== undefined && !isFinalJobState(locked.job.state)) await cancelLocked(ports, tx, locked, by);
}

async function cancelLocked(ports: Ports, tx: Work, locked: LockedJob, by: TransitionActor): Promise<void> {
  if (locked.job.cancelRequestedAt !== null) return;
  const { change, running } = cancellationOf(locked, by);
  const target = running ? await tx.references.target(locked.job.targetId) : undefined;
  const told = target?.cancelsRunning === true ? await tx.jobs.runningAttempts(locked.job.id) : [];
  await commitChanges(tx, ports.signals, [{ change, input: locked.input }]);
  tx.afterCommit(() => ports.signals.cancelRequested(told));
}

/** What the request does to the job: what waits ends, what runs is asked to. */
export function cancellationOf(
  locked: LockedJob,
  by: TransitionActor,
): { readonly change: JobChange; readonly running: boolean } {
  const change = new JobChange(locked.job, locked.items, locked.now);
  change.patchJob({ cancelRequestedAt: locked.now, referenceDeadline: null });
  const indexes = (state: 'PENDING' | 'DEQUEUED' | 'IN_PROGRESS'): number[] =>
    change.items(state).map((item) => item.index);
  const running = [...indexes('DEQUEUED'), ...indexes('IN_PROGRESS')];
  change.move(indexes('PENDING'), { to: 'CANCELLED', cause: 'CANCEL_REQUESTED', actor: by });
  change.move(running, { to: 'CANCELLING', cause: 'CANCEL_REQUESTED', actor: by });
  return { change, running: running.length > 0 };
}
