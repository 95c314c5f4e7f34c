// What happens to an item when an attempt at it did not succeed.
import { HOPELESS_FAILURES } from '@weft/contracts';
import type { Job, JobItem } from './job.js';

/** A job that kills its workers ends FAILED after this many. */
export const MAX_LOSSES = 3;

export interface BackoffPolicy {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** Exponential with full jitter; `random` in [0, 1). The first loss of a worker is no fault of the job and waits not at all. */
export function backoffMs(policy: BackoffPolicy, tries: number, random: number): number {
  const ceiling = Math.min(policy.baseMs * 2 ** Math.max(0, tries - 1), policy.maxMs);
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}

/**
 * Whether a failed item is tried again: below its limit of tries, and not for a reason that will not go away. What is
 * known to stay is not asked of the worker; of everything else it says so itself.
 */
export const triesAgain = (
  job: Job,
  item: JobItem,
  { code, retryable }: { readonly code: string; readonly retryable: boolean },
): boolean => item.failures + 1 < job.maxAttempts && retryable && !HOPELESS_FAILURES.has(code);

export const lostTooOften = (item: JobItem): boolean => item.losses + 1 >= MAX_LOSSES;

/** Text from user code that PostgreSQL and JSON can carry. Made well formed last: a cut may leave half a character. */
export const carriable = (text: string, most = 4_000): string =>
  text.replaceAll('\u0000', '').slice(0, most).toWellFormed();
