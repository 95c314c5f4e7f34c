import { isFinalJobState, JOB_STATES } from '@weft/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openJobs, progressOf, stateOfBatch, type Batch } from './batch.js';
import { NO_ITEMS, type ItemCounts } from './roll-up.js';

const state = (counts: Partial<ItemCounts>, cancelling = false) =>
  stateOfBatch({ counts: { ...NO_ITEMS, ...counts }, cancelling });

describe('a batch', () => {
  it.each([
    [{ PENDING: 3 }, 'PENDING'],
    [{ PENDING: 2, DEQUEUED: 1 }, 'DEQUEUED'],
    [{ PENDING: 2, SUCCEEDED: 1 }, 'IN_PROGRESS'],
    [{ IN_PROGRESS: 1, CANCELLING: 1 }, 'IN_PROGRESS'],
    [{ SUCCEEDED: 1, CANCELLING: 1 }, 'CANCELLING'],
    [{ SUCCEEDED: 3 }, 'SUCCEEDED'],
    [{ SUCCEEDED: 2, FAILED: 1, CANCELLED: 4 }, 'FAILED'],
    [{ SUCCEEDED: 2, CANCELLED: 1 }, 'CANCELLED'],
  ])('of %j is %s', (counts, expected) => {
    expect(state(counts)).toBe(expected);
  });

  it('is CANCELLING from the request on, and not for ever after', () => {
    expect(state({ PENDING: 5 }, true)).toBe('CANCELLING');
    // A job of a cancelled batch that is retried opens the batch again.
    expect(state({ PENDING: 1, CANCELLED: 4 })).toBe('IN_PROGRESS');
  });

  it('is final exactly when each of its jobs is, with all of its progress made', () => {
    const counts = fc.record(
      Object.fromEntries(JOB_STATES.map((one) => [one, fc.nat(20)])) as Record<
        keyof ItemCounts,
        fc.Arbitrary<number>
      >,
    );
    fc.assert(
      fc.property(counts, fc.boolean(), (some, cancelling) => {
        const jobsTotal = Object.values(some).reduce((sum, n) => sum + n, 0);
        fc.pre(jobsTotal > 0);
        const batch = { counts: some, cancelling, jobsTotal } as Batch;
        expect(isFinalJobState(stateOfBatch(batch))).toBe(openJobs(batch) === 0);
        expect(progressOf(batch) === 1).toBe(openJobs(batch) === 0);
      }),
    );
  });
});
