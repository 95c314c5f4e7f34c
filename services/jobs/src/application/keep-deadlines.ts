import { isFinalJobState } from '@weft/contracts';
import { JobChange } from '../domain/job-change.js';
import { SYSTEM, toBeDoneBy } from '../domain/job.js';
import { commitChange } from './commit-change.js';
import { dueJobs } from './due-jobs.js';
import type { Ports } from './ports.js';

/** What runs past its deadline is stopped by its worker; what comes back from it is looked for again after this. */
const AGAIN_MS = 5_000;

/** Fails what still waits at its job's deadline, as long as it may go on. Safe on any number of replicas at once. */
export async function keepDeadlines(ports: Ports, goesOn = (): boolean => true): Promise<void> {
  for await (const jobId of dueJobs(ports, (tx) => tx.deadlines.due)) {
    if (!goesOn()) return;
    await keepDeadline(ports, jobId).catch((error: unknown) => ports.signals.stuck(jobId, error));
  }
}

const keepDeadline = (ports: Ports, jobId: string): Promise<void> =>
  ports.transact(async (tx) => {
    const locked = await tx.jobs.lock(jobId);
    if (locked === undefined) return tx.deadlines.drop(jobId);
    const change = new JobChange(locked.job, locked.items, locked.now);
    const waiting = change.items('PENDING').map((item) => item.index);
    // What waits for a reference as well waits no longer.
    if (waiting.length > 0) change.patchJob({ referenceDeadline: null });
    const message = toBeDoneBy(locked.job);
    change.move(waiting, {
      to: 'FAILED',
      cause: 'DEADLINE_EXCEEDED',
      actor: SYSTEM,
      message,
      patch: () => ({ error: { code: 'DEADLINE_EXCEEDED', message } }),
    });
    await commitChange(ports, tx, locked, change);
    if (isFinalJobState(change.job.state)) await tx.deadlines.drop(jobId);
    else await tx.deadlines.lookAgain(jobId, new Date(locked.now.getTime() + AGAIN_MS));
  });
