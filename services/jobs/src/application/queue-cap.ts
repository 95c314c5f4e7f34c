// How many jobs an organization may have waiting. Counting them for every submission would cost what it is to prevent,
// so the last count is carried on. It may be passed by what other replicas took in since, and by what was just being
// written when it was made.
import { userError, type UserError } from '@weft/errors';
import type { Batch } from '../domain/batch.js';
import type { QueueReader } from './queue-ports.js';

export interface QueueCap {
  /** Counts these jobs in, or says why there is no room for them. */
  admit(organizationId: string, jobs: number): Promise<UserError | undefined>;
  /** Counts in as many of these as there is room for, and says why the others have none. */
  admitSome(
    organizationId: string,
    jobs: number,
  ): Promise<{ readonly admitted: number; readonly full: UserError | undefined }>;
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
  const counting = new Map<string, Promise<Count>>();
  const countNow = async (organizationId: string): Promise<Count> => {
    const count = { ...(await reader.waiting(organizationId)), at: performance.now() };
    if (counts.size >= MOST_ORGANIZATIONS) counts.clear();
    counts.set(organizationId, count);
    return count;
  };
  /** One count at a time: all who ask meanwhile share it, and count themselves into it. */
  const recount = (organizationId: string): Promise<Count> => {
    const underway = counting.get(organizationId);
    if (underway !== undefined) return underway;
    const started = countNow(organizationId).finally(() => counting.delete(organizationId));
    counting.set(organizationId, started);
    return started;
  };
  const isFresh = ({ waiting, limit, at }: Count): boolean =>
    performance.now() - at < (waiting * 2 < limit ? FAR_MS : NEAR_MS);
  const countFor = async (organizationId: string, jobs: number): Promise<Count> => {
    const count = counts.get(organizationId);
    return count === undefined || !isFresh(count) || count.waiting + jobs > count.limit
      ? recount(organizationId)
      : count;
  };
  return {
    async admit(organizationId, jobs) {
      const count = await countFor(organizationId, jobs);
      if (count.waiting + jobs > count.limit) return fullOf(count);
      count.waiting += jobs;
      return undefined;
    },
    async admitSome(organizationId, jobs) {
      const count = await countFor(organizationId, jobs);
      const admitted = Math.max(0, Math.min(jobs, count.limit - count.waiting));
      const full = admitted < jobs ? fullOf(count) : undefined;
      count.waiting += admitted;
      return { admitted, full };
    },
  };
}

/** Counts in what runs again of a batch or workflow. The registry's own jobs take nobody's room. */
export const roomFor = async (
  { queueCap }: { readonly queueCap: QueueCap },
  { organizationId, hidden }: Pick<Batch, 'organizationId' | 'hidden'>,
  jobs: number,
): Promise<UserError | undefined> => (hidden ? undefined : queueCap.admit(organizationId, jobs));

const fullOf = ({ waiting, limit }: Count): UserError =>
  userError(
    'QUEUE_FULL',
    `${Math.min(waiting, limit)} of at most ${limit} jobs of the organization wait already; submit again when some have started, or cancel some.`,
    'input',
    'organizationId',
  );
