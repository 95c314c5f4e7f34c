// The job's state is what its items add up to (DESIGN §5); it is never set by itself.
import type { JobState } from '@weft/contracts';

/** How many items of a job are in each state. */
export interface ItemCounts {
  readonly PENDING: number;
  readonly DEQUEUED: number;
  readonly IN_PROGRESS: number;
  readonly CANCELLING: number;
  readonly SUCCEEDED: number;
  readonly FAILED: number;
  readonly CANCELLED: number;
}

export const NO_ITEMS: ItemCounts = {
  PENDING: 0,
  DEQUEUED: 0,
  IN_PROGRESS: 0,
  CANCELLING: 0,
  SUCCEEDED: 0,
  FAILED: 0,
  CANCELLED: 0,
};

/**
 * @param untouched how many items left PENDING and never started, for they came with the job from its predecessor or were
 * asked to cancel by themselves before: they do not count as a start.
 * @param cancelRequested whether cancellation was asked for the job as a whole.
 */
export function rollUp(counts: ItemCounts, untouched: number, cancelRequested: boolean): JobState {
  const open = counts.PENDING + counts.DEQUEUED + counts.IN_PROGRESS + counts.CANCELLING;
  if (open === 0) {
    if (counts.FAILED > 0) return 'FAILED';
    return counts.CANCELLED > 0 ? 'CANCELLED' : 'SUCCEEDED';
  }
  if (cancelRequested) return 'CANCELLING';
  const started =
    counts.IN_PROGRESS + counts.CANCELLING + counts.SUCCEEDED + counts.FAILED + counts.CANCELLED - untouched;
  if (started > 0) return 'IN_PROGRESS';
  // A worker holds what it is asked to cancel.
  return counts.DEQUEUED + counts.CANCELLING > 0 ? 'DEQUEUED' : 'PENDING';
}

export const PHASES = ['WAITING', 'ACTIVE', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
/** The small closed set of states for clients that need no more. */
export type Phase = (typeof PHASES)[number];

export function phaseOf(state: JobState): Phase {
  switch (state) {
    case 'PENDING':
      return 'WAITING';
    case 'DEQUEUED':
    case 'IN_PROGRESS':
    case 'CANCELLING':
      return 'ACTIVE';
    case 'SUCCEEDED':
    case 'FAILED':
    case 'CANCELLED':
      return state;
  }
}
