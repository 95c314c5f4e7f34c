// Cancels many jobs: a few hundred in a transaction, so that claims and reports go on between them, and every chunk
// that was committed stays. Whoever asks again, on any replica at once, goes on with what is left.
import { organizationIds, type Actor } from '@weft/identity';
import { done, refused, userError, type Outcome } from '@weft/errors';
import type { Attempt, TransitionActor } from '../domain/job.js';
import { cancellationOf } from './cancel-job.js';
import type { JobChunk } from './batch-ports.js';
import type { JobFilter } from './job-reader.js';
import { commitChanges, type LockedJob, type Ports, type Work } from './ports.js';

const CHUNK = 200;
/** How many jobs one request cancels. */
export const MOST_CANCELLED = 10_000;
const MOST_COUNTED = 100_000;

export interface CancelledJobs {
  /** How many were cancelled or asked to; in a dry run how many would be, counted up to 100 000. */
  readonly jobs: number;
  /** There may be others: ask again. */
  readonly more: boolean;
}

export async function cancelJobs(
  ports: Ports,
  actor: Actor,
  filter: JobFilter,
  dryRun: boolean,
): Promise<Outcome<CancelledJobs>> {
  const maintained = organizationIds(actor, 'MAINTAINER').filter(
    (id) => filter.organizationId === undefined || id === filter.organizationId,
  );
  if (maintained.length === 0)
    return refused(
      userError(
        'FORBIDDEN',
        'Cancelling needs the role MAINTAINER in the organization.',
        'input',
        'filter',
        'organizationId',
      ),
    );
  if (dryRun) {
    const jobs = await ports.transact((tx) => tx.batches.countCancellable(maintained, filter, MOST_COUNTED));
    return done({ jobs, more: jobs > MOST_CANCELLED });
  }
  return done(await cancelWhere(ports, maintained, filter, { kind: 'user', id: actor.id }));
}

export async function cancelWhere(
  ports: Ports,
  owners: readonly string[],
  filter: JobFilter,
  by: TransitionActor,
): Promise<CancelledJobs> {
  let jobs = 0;
  // What others hold at the moment is left to the end, and then waited for.
  for (const wait of [false, true]) {
    let after: JobChunk['after'];
    do {
      const most = Math.min(CHUNK, MOST_CANCELLED - jobs);
      if (most === 0) return { jobs, more: true };
      const chunk: JobChunk = { after, most, wait };
      const cancelled = await ports.transact(async (tx) => {
        const locked = await tx.batches.lockCancellable(owners, filter, chunk);
        await cancelAll(ports, tx, locked, by);
        return locked.map(({ job }) => job);
      });
      jobs += cancelled.length;
      after = cancelled.at(-1);
    } while (after !== undefined);
  }
  return { jobs, more: false };
}

async function cancelAll(
  ports: Ports,
  tx: Work,
  locked: readonly LockedJob[],
  by: TransitionActor,
): Promise<void> {
  const reaches = new Map<string, boolean>();
  const told: Attempt[] = [];
  const changes = locked.map((one) => ({ ...cancellationOf(one, by), input: one.input }));
  for (const { change, running } of changes) {
    if (!running) continue;
    const { targetId, id } = change.job;
    const reached = reaches.get(targetId) ?? (await tx.references.target(targetId))?.cancelsRunning ?? false;
    reaches.set(targetId, reached);
    if (reached) told.push(...(await tx.jobs.runningAttempts(id)));
  }
  await commitChanges(tx, ports.signals, changes);
  tx.afterCommit(() => ports.signals.cancelRequested(told));
}
