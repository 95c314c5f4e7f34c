import type { Actor } from '@weft/identity';
import { done, refused, userError, type Outcome, type UserError } from '@weft/errors';
import type { JobState } from '@weft/contracts';
import { changeable } from './cancel-batch.js';
import { roomFor } from './queue-cap.js';
import type { Birth, LockedJob, Ports, Work } from './ports.js';
import { bearSuccessors, createJudge, successorOf, type Asked, type RetryItems } from './succeed-jobs.js';

const CHUNK = 200;
/** How long one request goes on: well below the time that a gateway waits for an answer. */
const PATIENCE_MS = 10_000;

const WANTED: Record<RetryItems, readonly JobState[]> = {
  FAILED: ['FAILED', 'CANCELLED'],
  ALL: ['FAILED', 'CANCELLED', 'SUCCEEDED'],
};

export interface RetriedBatch {
  readonly batchId: string;
  /** How many jobs run again. */
  readonly jobs: number;
  /** The place in the batch from which on jobs were not looked at; null when all were. */
  readonly next: number | null;
  /** Why it stopped there, but for the time that it took. */
  readonly stopped: readonly UserError[];
}

export interface BatchRetry {
  readonly batchId: string;
  readonly items: RetryItems;
  /** The first place to look at. */
  readonly from: number;
}

/**
 * Gives successors to the jobs of the batch that have ended without success; they take the places of those. A few
 * hundred in a transaction, by place: what was committed stays, and whoever asks again from `next` on goes on with what
 * is left, so that each place is retried once.
 */
export async function retryBatch(
  ports: Ports,
  actor: Actor,
  correlationId: string,
  { batchId, items, from }: BatchRetry,
  patienceMs = PATIENCE_MS,
): Promise<Outcome<RetriedBatch>> {
  if (from < 0)
    return refused(userError('BAD_USER_INPUT', 'from is a place, counted from 0.', 'input', 'from'));
  const asked: Asked = { by: { kind: 'user', id: actor.id }, correlationId };
  const until = performance.now() + patienceMs;
  let jobs = 0;
  for (let next = from; ;) {
    const place = next;
    const chunk = await ports.transact(
      async (tx): Promise<Outcome<{ jobs: number; last: number | null }>> => {
        const found = changeable(await tx.batches.lock(batchId), actor, 'Retrying');
        if (!found.ok) return found;
        if (found.value.cancelling) return refused(beingCancelled);
        const locked = await tx.batches.lockEnded(batchId, WANTED[items], place - 1, CHUNK);
        const full = await roomFor(ports, found.value, locked.length);
        if (full !== undefined) return refused(full);
        const outcome = await succeedAll(ports, tx, locked, asked);
        const last = locked.at(-1)?.job.batchIndex ?? null;
        return outcome.ok ? done({ jobs: locked.length, last }) : outcome;
      },
    );
    if (!chunk.ok) return jobs === 0 ? chunk : done({ batchId, jobs, next, stopped: chunk.errors });
    const { last } = chunk.value;
    if (last === null)
      return jobs === 0 && from === 0
        ? refused(nothingToRetry)
        : done({ batchId, jobs, next: null, stopped: [] });
    jobs += chunk.value.jobs;
    next = last + 1;
    if (performance.now() > until) return done({ batchId, jobs, next, stopped: [] });
  }
}

async function succeedAll(
  ports: Ports,
  tx: Work,
  locked: readonly LockedJob[],
  asked: Asked,
): Promise<Outcome<undefined>> {
  const judge = createJudge();
  const births: Birth[] = [];
  for (const one of await tx.jobs.toRepeat(locked)) {
    const judged = await judge(tx, one);
    if (judged.verdict.errors.length > 0) return refused(...judged.verdict.errors);
    births.push(successorOf(ports, one, new Map(), asked, judged));
  }
  await bearSuccessors(ports, tx, births);
  return done(undefined);
}

const beingCancelled = userError(
  'CONFLICT',
  'The batch is being cancelled; retry it once the request has reached every job.',
  'input',
  'id',
);
const nothingToRetry = userError(
  'JOB_NOTHING_TO_RETRY',
  'No job of the batch has ended that way; there is nothing to retry.',
  'input',
  'id',
);
