import { hasRole, type Actor } from '@weft/identity';
import { isFinalJobState } from '@weft/contracts';
import { done, refused, userError, type Outcome } from '@weft/errors';
import { JobChange } from '../domain/job-change.js';
import type { TransitionActor } from '../domain/job.js';
import { commitChange } from './commit-change.js';
import type { LockedJob, Ports, Work } from './ports.js';
import {
  bearSuccessors,
  carriedOf,
  createJudge,
  successorOf,
  type Asked,
  type RetryItems,
} from './succeed-jobs.js';

export interface Retried {
  /** The same job while it was not final, else its successor. */
  readonly jobId: string;
}

/** Puts failed items of an open job back to PENDING; of a final job, which is frozen, it makes a successor. */
export function retryJob(
  ports: Ports,
  actor: Actor,
  correlationId: string,
  jobId: string,
  items: RetryItems,
): Promise<Outcome<Retried>> {
  return ports.transact(async (tx): Promise<Outcome<Retried>> => {
    const locked = await tx.jobs.lock(jobId);
    if (locked === undefined || !hasRole(actor, locked.job.organizationId, 'VIEWER')) {
      return refused(userError('NOT_FOUND', 'There is no such job.', 'input', 'id'));
    }
    if (!hasRole(actor, locked.job.organizationId, 'MAINTAINER')) {
      return refused(
        userError('FORBIDDEN', 'Retrying needs the role MAINTAINER in the organization.', 'input', 'id'),
      );
    }
    const by: TransitionActor = { kind: 'user', id: actor.id };
    return isFinalJobState(locked.job.state)
      ? succeed(ports, tx, locked, { by, correlationId }, items)
      : reopenItems(ports, tx, locked, by, items);
  });
}

async function reopenItems(
  ports: Ports,
  tx: Work,
  locked: LockedJob,
  by: TransitionActor,
  items: RetryItems,
): Promise<Outcome<Retried>> {
  if (items === 'ALL') {
    return refused(
      userError('CONFLICT', 'Only failed items can be retried while the job runs.', 'input', 'items'),
    );
  }
  if (locked.job.cancelRequestedAt !== null) {
    return refused(
      userError('CONFLICT', 'The job is being cancelled; retry it once it has ended.', 'input', 'id'),
    );
  }
  const change = new JobChange(locked.job, locked.items, locked.now);
  const failed = change.items('FAILED').map((item) => item.index);
  if (failed.length === 0) return nothingToRetry();
  change.move(failed, {
    to: 'PENDING',
    cause: 'RETRIED',
    actor: by,
    patch: () => ({ runAt: locked.now, failures: 0, losses: 0, startedAt: null }),
  });
  await commitChange(ports, tx, locked, change);
  return { ok: true, value: { jobId: locked.job.id } };
}

async function succeed(
  ports: Ports,
  tx: Work,
  locked: LockedJob,
  asked: Asked,
  items: RetryItems,
): Promise<Outcome<Retried>> {
  const carried = carriedOf(locked, items);
  if (carried.size === locked.job.itemsTotal) return nothingToRetry();
  const [one] = await tx.jobs.toRepeat([locked]);
  if (one === undefined) throw new Error(`job ${locked.job.id} has no input`);
  const judged = await createJudge()(tx, one);
  if (judged.verdict.errors.length > 0) return refused(...judged.verdict.errors);
  const birth = successorOf(ports, one, carried, asked, judged);
  await bearSuccessors(ports, tx, [birth]);
  return done({ jobId: birth.born.job.id });
}

const nothingToRetry = (): Outcome<never> =>
  refused(
    userError(
      'JOB_NOTHING_TO_RETRY',
      'Every item succeeded or is still under way; there is nothing to retry.',
      'input',
      'id',
    ),
  );
