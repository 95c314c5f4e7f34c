import { isFinalJobState } from '@weft/contracts';
import { AppError } from '@weft/errors';
import type { Actor } from '@weft/identity';
import { stateOfBatch, type Batch } from '../domain/batch.js';
import { groupingOf, type Grouping } from './cancel-batch.js';
import type { BatchReader } from './batch-ports.js';
import { once, type Patience } from './follow-job.js';

export interface BatchFeed {
  /** Calls back with the batch, a few times a second at the most while it changes; returns how to stop. */
  follow(batchId: string, callback: (batch: Batch) => void): () => void;
}

export interface BatchFollower {
  /** The batch as it is, when it has changed since the last call. */
  take(): Batch | undefined;
  /** The final state has been told. */
  finished(): boolean;
  stop(): void;
}

/** Follows one batch from `after` on: every payload is the newest there is, and the last one is the final one. */
export async function followBatch(
  reader: BatchReader,
  feed: BatchFeed,
  actor: Actor,
  batchId: string,
  after: number,
  grouping: Grouping,
  wake: () => void,
  patience: Patience = once,
): Promise<BatchFollower> {
  const first = await patience(batchId, async () => (await reader.byIds(actor, [batchId]))[0]);
  if (first === undefined || groupingOf(first) !== grouping)
    throw new AppError('NOT_FOUND', `There is no such ${grouping}.`, { id: batchId });
  if (after > first.seq)
    throw new AppError(
      'BAD_USER_INPUT',
      `"after" is beyond what has happened to this ${grouping}, which is at ${first.seq}. Pass the last seq that you have received, or 0.`,
      { argument: 'after', value: after },
    );
  let latest = first;
  // The first payload comes even when there is nothing new: it carries the batch as it is.
  let told = -1;
  let finished = false;
  const stop = feed.follow(batchId, (batch) => {
    if (batch.seq <= latest.seq && batch.cancelling === latest.cancelling) return;
    latest = batch;
    told = Math.min(told, batch.seq - 1);
    wake();
  });
  return {
    take() {
      if (latest.seq <= told) return undefined;
      told = latest.seq;
      finished = isFinalJobState(stateOfBatch(latest));
      return latest;
    },
    finished: () => finished,
    stop,
  };
}
