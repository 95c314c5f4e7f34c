import { hasRole, type Actor } from '@weft/identity';
import { isFinalJobState } from '@weft/contracts';
import { done, refused, userError, type Outcome } from '@weft/errors';
import { JobChange } from '../domain/job-change.js';
import type { TransitionActor } from '../domain/job.js';
import { commitChanges } from './commit-change.js';
import type { LockedJob, Ports, Work } from './ports.js';

/** In PENDING at once; while running it is a request, pushed to the worker where the target can honour it (DESIGN §5). */
export function cancelJob(ports: Ports, actor: Actor, jobId: string): Promise<Outcome<{ jobId: string }>> {
  return ports.transact(async (tx) => {
    const found = cancellable(await tx.jobs.lock(jobId), actor);
    if (!found.ok) return found;
    await cancelLocked(ports, tx, [found.value], { kind: 'user', id: actor.id });
    return done({ jobId });
  });
}

/** The job, if the actor may cancel it and it has not ended. */
export function cancellable(locked: LockedJob | undefined, actor: Actor): Outcome<LockedJob> {
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
  return done(locked);
}

/** Cancels inside a transaction that does more than that; a job that is final or asked to already stays as it is. */
export async function cancelIn(ports: Ports, tx: Work, jobId: string, by: TransitionActor): Promise<number> {
  const locked = await tx.jobs.lock(jobId);
  return locked === undefined ? 0 : cancelLocked(ports, tx, [locked], by);
}

/** What waits ends, what runs is asked to; tells how many jobs this concerned. */
export async function cancelLocked(
  ports: Ports,
  tx: Work,
  locked: readonly LockedJob[],
  by: TransitionActor,
): Promise<number> {
  const open = locked.filter(({ job }) => !isFinalJobState(job.state) && job.cancelRequestedAt === null);
  const reaches = new Map<string, boolean>();
  const changes: { readonly change: JobChange; readonly input: LockedJob['input'] }[] = [];
  const reached: string[] = [];
  for (const one of open) {
    const { change, running } = cancellationOf(one, by);
    changes.push({ change, input: one.input });
    if (!running) continue;
    const { id, targetId } = one.job;
    const reach = reaches.get(targetId) ?? (await tx.references.target(targetId))?.cancelsRunning ?? false;
    reaches.set(targetId, reach);
    if (reach) reached.push(id);
  }
  const told = reached.length === 0 ? [] : await tx.jobs.runningAttempts(reached);
  await commitChanges(ports, tx, changes);
  tx.afterCommit(() => ports.signals.cancelRequested(told.map((attempt) => ({ attempt, items: null }))));
  return open.length;
}

function cancellationOf(
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
  // Each of its items was asked to by itself before.
  if (change.transitions.length === 0)
    change.tell({ to: 'CANCELLING', cause: 'CANCEL_REQUESTED', actor: by });
  return { change, running: running.length > 0 };
}
