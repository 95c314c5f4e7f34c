// How many jobs an organization may have waiting. Counting them for every submission would cost what it is to prevent,
// so the last count is carried on: exact where it says no, and never further off than what other replicas accepted since.
import { userError, type UserError } from '@weft/errors';
import type { QueueReader } from './queue-ports.js';

export interface QueueCap {
  /** Counts these jobs in, or says why there is no room for them. */
  admit(organizationId: string, jobs: number): Promise<UserError | undefined>;
}

interface Count {
  /** Never lower than what waits, but for what other replicas took in since. */
  waiting: number;
  readonly limit: number;
  readonly at: number;
}

/** Near the limit a count is soon old, far below it not so soon. */
const NEAR_MS = 1_000;
const FAR_MS = 10_000;
const MOST_ORGANIZATIONS = 10_000;

export function createQueueCap(reader: Pick<QueueReader, 'waiting'>): QueueCap {
  const counts = new Map<string, Count>();
  const recount = async (organizationId: string): Promise<Count> => {
    const count = { ...(await reader.waiting(organizationId)), at: performance.now() };
    if (counts.size >= MOST_ORGANIZATIONS) counts.clear();
    counts.set(organizationId, count);
    return count;
  };
  const isFresh = ({ waiting, limit, at }: Count): boolean =>
    performance.now() - at < (waiting * 2 < limit ? FAR_MS : NEAR_MS);
  return {
    async admit(organizationId, jobs) {
      let count = counts.get(organizationId);
      if (count === undefined || !isFresh(count) || count.waiting + jobs > count.limit)
        count = await recount(organizationId);
      if (count.waiting + jobs > count.limit)
        return userError(
          'QUEUE_FULL',
          `${Math.min(count.waiting, count.limit)} of at most ${count.limit} jobs of the organization wait already; submit again when some have started, or cancel some.`,
          'input',
          'organizationId',
        );
      count.waiting += jobs;
      return undefined;
    },
  };
}
