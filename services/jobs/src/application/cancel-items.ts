// Cancels single items of a job; the job itself goes on with the others.
import { isFinalJobState } from '@weft/contracts';
import { done, refused, userError, type Outcome, type UserError } from '@weft/errors';
import type { Actor } from '@weft/identity';
import { JobChange } from '../domain/job-change.js';
import type { Attempt, TransitionActor } from '../domain/job.js';
import { cancellable } from './cancel-job.js';
import { commitChange } from './commit-change.js';
import type { CancelRequest, LockedJob, Ports, Work } from './ports.js';

/** Tells these transitions from the request to cancel the whole job. */
export const ONLY_THESE = 'Only these items.';

/** All of the named items or, where one cannot be cancelled, none. What is asked to already stays as it is. */
export function cancelItems(
  ports: Ports,
  actor: Actor,
  jobId: string,
  items: readonly number[],
): Promise<Outcome<{ jobId: string }>> {
  return ports.transact(async (tx) => {
    const found = cancellable(await tx.jobs.lock(jobId), actor);
    if (!found.ok) return found;
    const locked = found.value;
    const wrong = problemsOf(locked, items);
    if (wrong.length > 0) return refused(...wrong);
    const { change, running } = cancellationOf(locked, items, { kind: 'user', id: actor.id });
    const requests = running.length === 0 ? [] : await requestsOf(tx, change, running);
    await commitChange(ports, tx, locked, change);
    tx.afterCommit(() => ports.signals.cancelRequested(requests));
    return done({ jobId });
  });
}

const MOST_TOLD = 20;

function problemsOf({ job, items }: LockedJob, asked: readonly number[]): UserError[] {
  if (asked.length === 0 || asked.length > job.itemsTotal)
    return [
      userError(
        'BAD_USER_INPUT',
        `Name 1 to ${job.itemsTotal} items, or leave items out to cancel the whole job.`,
        'input',
        'items',
      ),
    ];
  return asked
    .flatMap((index, at): UserError[] => {
      const path = ['input', 'items', String(at)];
      const item = items.find((one) => one.index === index);
      if (item === undefined)
        return [
          userError('BAD_USER_INPUT', `The job has items 0 to ${job.itemsTotal - 1}, no ${index}.`, ...path),
        ];
      return isFinalJobState(item.state)
        ? [userError('JOB_ALREADY_FINAL', `Item ${index} has ended (${item.state}).`, ...path)]
        : [];
    })
    .slice(0, MOST_TOLD);
}

function cancellationOf(
  locked: LockedJob,
  asked: readonly number[],
  actor: TransitionActor,
): { readonly change: JobChange; readonly running: readonly number[] } {
  const change = new JobChange(locked.job, locked.items, locked.now);
  const named = new Set(asked);
  const indexes = (...states: ('PENDING' | 'DEQUEUED' | 'IN_PROGRESS')[]): number[] =>
    states
      .flatMap((state) => change.items(state).map((item) => item.index))
      .filter((index) => named.has(index));
  const running = indexes('DEQUEUED', 'IN_PROGRESS');
  const told = { cause: 'CANCEL_REQUESTED', actor, message: ONLY_THESE } as const;
  change.move(indexes('PENDING'), { ...told, to: 'CANCELLED' });
  change.move(running, { ...told, to: 'CANCELLING' });
  // Nothing is left that a reference could be waited for.
  if (isFinalJobState(change.job.state)) change.patchJob({ referenceDeadline: null });
  return { change, running };
}

/** Whom to tell, where the target can honour it. */
async function requestsOf(tx: Work, change: JobChange, running: readonly number[]): Promise<CancelRequest[]> {
  const { id, targetId } = change.job;
  if ((await tx.references.target(targetId))?.cancelsRunning !== true) return [];
  const open = (attempt: Attempt): number[] =>
    attempt.items.filter((index) => {
      const item = change.item(index);
      return item.attempt === attempt.number && !isFinalJobState(item.state);
    });
  return (await tx.jobs.runningAttempts([id])).flatMap((attempt): CancelRequest[] => {
    const held = open(attempt);
    const items = held.filter((index) => running.includes(index));
    if (items.length === 0) return [];
    const whole = held.every((index) => change.item(index).state === 'CANCELLING');
    return [{ attempt, items: whole ? null : items }];
  });
}
