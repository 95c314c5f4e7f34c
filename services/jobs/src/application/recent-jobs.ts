// Jobs under way as this replica last saw them, so that the next step of one need not be read first. Never the truth:
// a write that starts from here is guarded by the job's `seq`, so what is stale costs a look at the database.
import type { KnownJob, RecentJobs } from './ports.js';

/** Values of inputs up to this size are read, and remembered, together with their job. */
export const SMALL_INPUT_BYTES = 16 * 1024;

/** A plain job takes some kilobytes; a job counts by its items. */
const MOST_ITEMS = 20_000;

export function createRecentJobs(mostItems = MOST_ITEMS): RecentJobs {
  // A Map keeps the order in which its entries came: the first is the longest unused.
  const known = new Map<string, KnownJob>();
  let items = 0;
  const forget = (jobId: string): void => {
    const one = known.get(jobId);
    if (one === undefined) return;
    known.delete(jobId);
    items -= one.items.length;
  };
  return {
    get(jobId) {
      return known.get(jobId);
    },
    remember(one) {
      forget(one.job.id);
      known.set(one.job.id, one);
      items += one.items.length;
      for (const oldest of known.keys()) {
        if (items <= mostItems) break;
        forget(oldest);
      }
    },
    forget,
  };
}
