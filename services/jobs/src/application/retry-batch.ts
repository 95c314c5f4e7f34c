import type { Actor } from '@weft/identity';
import { done, refused, userError, type Outcome } from '@weft/errors';
import type { JobState } from '@weft/contracts';
import { changeable } from './cancel-batch.js';
import type { Birth, LockedJob, Ports, Work } from './ports.js';
import { bearSuccessors, createJudge, successorOf, type Asked, type RetryItems } from './succeed-jobs.js';

const CHUNK = 200;

const WANTED: Record<RetryItems, readonly JobState[]> = {
  FAILED: ['FAILED', 'CANCELLED'],
  ALL: ['FAILED', 'CANCELLED', 'SUCCEEDED'],
};

export interface RetriedBatch {
  readonly batchId: string;
  /** How many jobs run again. */
  readonly jobs: number;
}

/**
 * Gives successors to the jobs of the batch that have ended without success; they take the places of those. A few
 * hundred in a transaction: what was committed stays, and whoever asks again goes on with what is left.
 */
export async function retryBatch(
  ports: Ports,
  actor: Actor,
  correlationId: string,
  batchId: string,
  items: RetryItems,
): Promise<Outcome<RetriedBatch>> {
  const asked: Asked = { by: { kind: 'user', id: actor.id }, correlationId };
  let jobs = 0;
  for (let after: number | null = -1; after !== null;) {
    const from: number = after;
    const chunk = await ports.transact(
      async (tx): Promise<Outcome<{ jobs: number; last: number | null }>> => {
        const found = changeable(await tx.batches.lock(batchId), actor, 'Retrying');
        if (!found.ok) return found;
        if (found.value.cancelling) return refused(beingCancelled);
        const locked = await tx.batches.lockEnded(batchId, WANTED[items], from, CHUNK);
        const full = await ports.queueCap.admit(found.value.organizationId, locked.length);
        if (full !== undefined) return refused(full);
        const outcome = await succeedAll(ports, tx, locked, asked);
        const last = locked.at(-1)?.job.batchIndex ?? null;
        return outcome.ok ? done({ jobs: locked.length, last }) : outcome;
      },
    );
    if (!chunk.ok) return chunk;
    jobs += chunk.value.jobs;
    after = chunk.value.last;
  }
  return jobs === 0 ? refused(nothingToRetry) : done({ batchId, jobs });
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
