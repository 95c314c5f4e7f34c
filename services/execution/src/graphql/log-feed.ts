import { setTimeout as sleep } from 'node:timers/promises';
import { isFinalJobState } from '@weft/contracts';
import { encodeCursor } from '@weft/database';
import { AppError } from '@weft/errors';
import { LiveIterator } from '@weft/subgraph';
import type { LogBell, Reads } from '../application/ports.js';
import { LOG_GRACE_MS, logIsComplete } from '../domain/attempt.js';
import { presentLine } from './log-page.js';
import type { JobLogsPayloadType } from './log.type.js';

/** Lines in one payload: a slow reader gets fewer and fuller ones. */
const MOST_LINES = 500;
/** A job that was just submitted may be known to jobs and not yet here. */
const REFERENCE_WAIT_MS = 10_000;
/** An older one is known here, or nobody's. */
const MAY_BE_NEW_MS = 60_000;

export interface LogFeedOptions {
  readonly reads: Reads;
  readonly bell: LogBell;
  readonly organizationIds: readonly string[];
  readonly jobId: string;
  readonly after: number;
}

/**
 * The log of a job from a position on: what is stored, then what comes, until the job has ended and all is told.
 * Rejects when the job is not to be seen; once it is there, the stream itself has nothing to refuse.
 */
export async function followLog(options: LogFeedOptions): Promise<AsyncIterableIterator<JobLogsPayloadType>> {
  await untilKnown(options);
  return streamLog(options);
}

async function untilKnown({ reads, bell, organizationIds, jobId }: LogFeedOptions): Promise<void> {
  const now = Date.now();
  // By the id alone: a job of somebody else is waited for just as long as one that does not exist.
  const giveUpAt = now - bornAt(jobId) < MAY_BE_NEW_MS ? now + REFERENCE_WAIT_MS : now;
  for (;;) {
    let stopListening = (): void => undefined;
    const rung = new Promise<void>((resolve) => (stopListening = bell.listen(jobId, resolve)));
    try {
      if ((await reads.jobForLog(organizationIds, jobId)) !== undefined) return;
      const left = giveUpAt - Date.now();
      if (left <= 0)
        throw new AppError('NOT_FOUND', 'No job with this id exists that you may see.', { jobId });
      await Promise.race([rung, sleep(left, undefined, { ref: false })]);
    } finally {
      stopListening();
    }
  }
}

/** Ids of jobs are UUIDs of version 7, which begin with their time. */
const bornAt = (id: string): number =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-7/i.test(id) ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : 0;

function streamLog({
  reads,
  bell,
  organizationIds,
  jobId,
  after,
}: LogFeedOptions): AsyncIterableIterator<JobLogsPayloadType> {
  let position = after;
  let told = false;
  let timer: NodeJS.Timeout | undefined;

  const take = async (): Promise<IteratorResult<JobLogsPayloadType, undefined> | undefined> => {
    if (told) return { done: true, value: undefined };
    // The state is read before the lines: if it says that no line follows, the lines read after it are all there are.
    const known = await reads.jobForLog(organizationIds, jobId);
    if (known === undefined) return { done: true, value: undefined };
    const lines = await reads.logLines(organizationIds, jobId, { after: position, limit: MOST_LINES });
    const final = isFinalJobState(known.job.state);
    const complete = lines.length < MOST_LINES && logIsComplete(final, known.attempts, known.now);
    if (lines.length === 0 && !complete) {
      clearTimeout(timer);
      if (final) timer = setTimeout(() => feed.wake(), LOG_GRACE_MS / 10);
      return undefined;
    }
    position = lines.at(-1)?.position ?? position;
    told = complete;
    return {
      done: false,
      value: {
        cursor: encodeCursor([position]),
        lines: lines.map(presentLine),
        job: { id: jobId },
        complete,
      },
    };
  };

  const feed = new LiveIterator(take, () => {
    clearTimeout(timer);
    stopListening();
  });
  const stopListening = bell.listen(jobId, () => feed.wake());
  return feed;
}
