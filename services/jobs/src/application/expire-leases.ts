import { backoffMs, lostTooOften, MAX_LOSSES } from '../domain/attempt-rules.js';
import { JobChange } from '../domain/job-change.js';
import { SYSTEM, type Attempt } from '../domain/job.js';
import { commitChange } from './commit-change.js';
import { dueJobs } from './due-jobs.js';
import type { Ports } from './ports.js';

/**
 * Gives up attempts whose worker fell silent. Safe on any number of replicas at once.
 * @param mayExpire asked after every answer of the database: whether workers could be heard until now.
 */
export async function expireLeases(ports: Ports, mayExpire = (): boolean => true): Promise<void> {
  for await (const jobId of dueJobs(ports, (tx) => tx.jobs.expired)) {
    if (!mayExpire()) return;
    // One job that cannot be moved on must not keep the others.
    await expireJob(ports, jobId).catch((error: unknown) => ports.signals.stuck(jobId, error));
  }
  mayExpire();
}

const expireJob = (ports: Ports, jobId: string): Promise<void> =>
  ports.transact(async (tx) => {
    const locked = await tx.jobs.lock(jobId);
    if (locked === undefined) return;
    const expired = (await tx.jobs.runningAttempts([jobId])).filter(
      (attempt) => attempt.leaseUntil < locked.now,
    );
    const change = new JobChange(locked.job, locked.items, locked.now);
    for (const attempt of expired) lose(ports, change, attempt);
    await commitChange(ports, tx, locked, change);
  });

function lose(ports: Ports, change: JobChange, attempt: Attempt): void {
  const held = attempt.items
    .map((index) => change.item(index))
    .filter((item) => item.attempt === attempt.number);
  const running = held.filter((item) => item.state === 'DEQUEUED' || item.state === 'IN_PROGRESS');
  const told = { actor: SYSTEM, attempt: attempt.number };
  change.move(
    running.filter((item) => !lostTooOften(item)).map((item) => item.index),
    {
      ...told,
      to: 'PENDING',
      cause: 'LEASE_LOST',
      message: `Worker ${attempt.workerId} fell silent.`,
      patch: (item) => {
        // The first loss is most likely the machine's fault: it waits for nothing.
        const wait =
          item.losses === 0 ? 0 : backoffMs(ports.timing.backoff, item.losses, ports.chance.random());
        return { losses: item.losses + 1, runAt: new Date(change.now.getTime() + wait), startedAt: null };
      },
    },
  );
  change.move(
    running.filter(lostTooOften).map((item) => item.index),
    {
      ...told,
      to: 'FAILED',
      cause: 'LOST_TOO_OFTEN',
      message: `The job lost ${MAX_LOSSES} workers.`,
      patch: (item) => ({
        losses: item.losses + 1,
        error: {
          code: 'WORKER_LOST',
          message: `${MAX_LOSSES} workers disappeared while they ran this item; it is not tried again.`,
        },
      }),
    },
  );
  change.move(
    held.filter((item) => item.state === 'CANCELLING').map((item) => item.index),
    { ...told, to: 'CANCELLED', cause: 'LEASE_LOST', message: `Worker ${attempt.workerId} fell silent.` },
  );
  change.putAttempt({ ...attempt, outcome: 'LOST', endedAt: change.now });
}
