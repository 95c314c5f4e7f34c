import type { Actor } from '@weft/identity';
import { done, refused, userError, type Outcome } from '@weft/errors';
import type { JobState } from '@weft/contracts';
import type { TransitionActor } from '../domain/job.js';
import { judgeReferences } from '../domain/references.js';
import { changeable } from './cancel-batch.js';
import type { Birth, LockedJob, Ports, Work } from './ports.js';
import { successorOf, type RetryItems } from './retry-job.js';

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
  const by: TransitionActor = { kind: 'user', id: actor.id };
  let jobs = 0;
  for (let after: number | null = -1; after !== null;) {
    const from: number = after;
    const chunk = await ports.transact(
      async (tx): Promise<Outcome<{ jobs: number; last: number | null }>> => {
        const found = changeable(await tx.batches.lock(batchId), actor, 'Retrying');
        if (!found.ok) return found;
        if (found.value.cancelling) return refused(beingCancelled);
        const locked = await tx.batches.lockEnded(batchId, WANTED[items], from, CHUNK);
        const outcome = await succeedAll(ports, tx, locked, by, correlationId);
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

/** Jobs of a batch share what they refer to; so it is looked up and judged once for all. */
async function succeedAll(
  ports: Ports,
  tx: Work,
  locked: readonly LockedJob[],
  by: TransitionActor,
  correlationId: string,
): Promise<Outcome<undefined>> {
  const judged = new Map<string, Awaited<ReturnType<typeof judge>>>();
  const births: Birth[] = [];
  for (const one of locked) {
    const { dataArtifactId, codeArtifactId } = one.input;
    const key = JSON.stringify([one.job.serviceVersionId, one.job.targetId, dataArtifactId, codeArtifactId]);
    const known = judged.get(key) ?? (await judge(tx, one));
    judged.set(key, known);
    if (known.verdict.errors.length > 0) return refused(...known.verdict.errors);
    births.push({
      born: successorOf(ports, one, new Map(), by, correlationId, known.references, known.verdict),
      input: null,
      facts: one.input,
      key: null,
    });
  }
  await bearSuccessors(ports, tx, births);
  return done(undefined);
}

/** Writes them; what they succeed is dealt with. */
export async function bearSuccessors(ports: Ports, tx: Work, births: readonly Birth[]): Promise<void> {
  if (births.length === 0) return;
  await tx.jobs.insert(births);
  await tx.deadLetters.settle(births.flatMap(({ born }) => born.job.retryOf ?? []));
  tx.afterCommit(() => {
    for (const { born } of births) ports.signals.jobChanged(born.job, [born.transition]);
    const claimable = births.filter(({ born }) => born.job.claimableAt !== null);
    for (const targetId of new Set(claimable.map(({ born }) => born.job.targetId)))
      ports.signals.claimable(targetId);
  });
}

async function judge(tx: Work, { job, input }: LockedJob) {
  const references = await tx.references.find(job.serviceVersionId, job.targetId, input);
  const { size = null, image = null } = (await tx.jobs.inputOfJob(job.id)) ?? {};
  const verdict = judgeReferences(job.organizationId, { kind: job.kind, size, image }, references);
  return { references, verdict };
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
