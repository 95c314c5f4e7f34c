// Cancels many jobs: a few hundred in a transaction, so that claims and reports go on between them, and every chunk
// that was committed stays. Whoever asks again, on any replica at once, goes on with what is left.
import { organizationIds, type Actor } from '@weft/identity';
import { done, refused, userError, type Outcome } from '@weft/errors';
import type { TransitionActor } from '../domain/job.js';
import { cancelIn, cancelLocked } from './cancel-job.js';
import type { JobChunk, JobPlace } from './batch-ports.js';
import type { JobFilter } from './job-list.js';
import type { Ports } from './ports.js';

const CHUNK = 200;
/** How many jobs one request cancels. */
export const MOST_CANCELLED = 10_000;
const MOST_COUNTED = 100_000;
/** How long one request goes on: well below the time that a gateway waits for an answer. */
const PATIENCE_MS = 10_000;

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
  patienceMs = PATIENCE_MS,
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
    let jobs = 0;
    for (const id of maintained)
      jobs += await ports.transact((tx) => tx.batches.countCancellable(id, filter, MOST_COUNTED - jobs));
    return done({ jobs, more: jobs > MOST_CANCELLED });
  }
  const until = performance.now() + patienceMs;
  return done(await cancelWhere(ports, maintained, filter, { kind: 'user', id: actor.id }, until));
}

/** Those that others hold at the moment are left to the end, and then waited for one by one: nobody waits for two. */
export async function cancelWhere(
  ports: Ports,
  owners: readonly string[],
  filter: JobFilter,
  by: TransitionActor,
  until = Infinity,
): Promise<CancelledJobs> {
  let jobs = 0;
  for (const cancelSome of [cancelFree, cancelHeld])
    for (const owner of owners) {
      let after: JobPlace | undefined;
      do {
        const most = Math.min(CHUNK, MOST_CANCELLED - jobs);
        if (most === 0) return { jobs, more: true };
        const cancelled: Chunk = await cancelSome(ports, owner, filter, { after, most }, by);
        jobs += cancelled.jobs;
        after = cancelled.last;
        if (after !== undefined && performance.now() > until) return { jobs, more: true };
      } while (after !== undefined);
    }
  return { jobs, more: false };
}

interface Chunk {
  readonly jobs: number;
  readonly last: JobPlace | undefined;
}

const cancelFree = (
  ports: Ports,
  owner: string,
  filter: JobFilter,
  chunk: JobChunk,
  by: TransitionActor,
): Promise<Chunk> =>
  ports.transact(async (tx) => {
    const locked = await tx.batches.lockCancellable(owner, filter, chunk);
    return { jobs: await cancelLocked(ports, tx, locked, by), last: locked.at(-1)?.job };
  });

async function cancelHeld(
  ports: Ports,
  owner: string,
  filter: JobFilter,
  chunk: JobChunk,
  by: TransitionActor,
): Promise<Chunk> {
  const held = await ports.transact((tx) => tx.batches.cancellable(owner, filter, chunk));
  let jobs = 0;
  for (const { id } of held) jobs += await ports.transact((tx) => cancelIn(ports, tx, id, by));
  return { jobs, last: held.at(-1) };
}
