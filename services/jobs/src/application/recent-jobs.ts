// Jobs under way as this replica last saw them, so that the next step of one need not be read first. Never the truth:
// a write that starts from here is guarded by the job's `seq`, so what is stale costs a look at the database.
import type { Attempt, Job, JobItem } from '../domain/job.js';
import type { Birth, JobInput, KnownJob, RecentJobs } from './ports.js';

/** Values of inputs up to this size are read, and remembered, together with their job. */
export const SMALL_INPUT_BYTES = 16 * 1024;

/** A plain job takes some kilobytes: a job weighs by its items, and by the kilobytes of its values. */
const MOST_WEIGHT = 20_000;

const weightOf = ({ items, input, values }: KnownJob): number =>
  items.length + (values === null ? 0 : (input.dataBytes + input.paramsBytes) / 1_024);

export function createRecentJobs(mostWeight = MOST_WEIGHT): RecentJobs {
  // A Map keeps the order in which its entries came: the first is the longest unused.
  const known = new Map<string, KnownJob>();
  let weight = 0;
  const forget = (jobId: string): void => {
    const one = known.get(jobId);
    if (one === undefined) return;
    known.delete(jobId);
    weight -= weightOf(one);
  };
  return {
    get(jobId) {
      return known.get(jobId);
    },
    remember(one) {
      forget(one.job.id);
      known.set(one.job.id, one);
      weight += weightOf(one);
      for (const oldest of known.keys()) {
        if (weight <= mostWeight) break;
        forget(oldest);
      }
    },
    forget,
  };
}

/** A new job as memory has it: large values are read where they are needed. */
export const knownJob = (
  job: Job,
  items: readonly JobItem[],
  attempts: readonly Attempt[],
  { input, facts }: Pick<Birth, 'input' | 'facts'>,
): KnownJob => ({
  job,
  items,
  at: job.dequeuedAt ?? job.submittedAt,
  attempts,
  input: facts,
  values: input !== null && isSmall(input) ? input : null,
});

const isSmall = ({ dataBytes, paramsBytes, itemParams, command }: JobInput): boolean =>
  dataBytes + paramsBytes <= SMALL_INPUT_BYTES &&
  command === null &&
  itemParams.every((item) => item === null);
