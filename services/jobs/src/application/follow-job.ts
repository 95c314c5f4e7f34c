import { isFinalJobState } from '@weft/contracts';
import type { Actor } from '@weft/identity';
import { AppError } from '@weft/errors';
import type { Job, Transition } from '../domain/job.js';
import type { JobReader } from './job-reader.js';

export interface JobFeed {
  /** Calls back with the job's `seq` whenever it may have moved; returns how to stop. */
  follow(jobId: string, callback: (seq: number) => void): () => void;
  moved(jobId: string, seq: number): void;
}

export interface JobNews {
  readonly seq: number;
  readonly transitions: readonly Transition[];
  readonly job: Job;
}

/** How many transitions one payload carries at the most; what remains follows in the next. */
const MOST_TRANSITIONS = 500;

export interface JobFollower {
  /** What has happened since the last call; `undefined` when nothing has. */
  take(): Promise<JobNews | undefined>;
  /** The final state has been told. */
  finished(): boolean;
  stop(): void;
}

/**
 * Follows one job from `after` on. Transitions come from the event rows in order of `seq`, so nothing can be
 * missed or repeated, however many hints were lost or came twice; the last one told is the final state.
 */
export async function followJob(
  reader: JobReader,
  feed: JobFeed,
  actor: Actor,
  jobId: string,
  after: number,
  wake: () => void,
): Promise<JobFollower> {
  let known = 0;
  const stop = feed.follow(jobId, (seq) => {
    if (seq > known) {
      known = seq;
      wake();
    }
  });
  const first = await reader.job(actor, jobId).catch((error: unknown) => {
    stop();
    throw error;
  });
  if (first === undefined) {
    stop();
    throw new AppError('NOT_FOUND', 'There is no such job.', { id: jobId });
  }
  if (after > first.seq) {
    stop();
    throw new AppError(
      'BAD_USER_INPUT',
      `"after" is beyond the history of this job, which ends at ${first.seq}. Pass the last seq that you have received, or 0.`,
      { argument: 'after', value: after },
    );
  }
  known = Math.max(known, first.seq);
  let told = after;
  let opened = false;
  let finished = false;
  return {
    async take() {
      // The first payload comes even when there is nothing new: it carries the job as it is.
      if (opened && told >= known) return undefined;
      const { job, transitions } = await reader.news(jobId, told, MOST_TRANSITIONS);
      if (job === undefined) {
        finished = true;
        return undefined;
      }
      const last = transitions.at(-1)?.seq ?? told;
      known = Math.max(known, job.seq);
      if (opened && transitions.length === 0) {
        known = told;
        return undefined;
      }
      opened = true;
      told = Math.max(told, last);
      finished = isFinalJobState(job.state) && told >= job.seq;
      return { seq: told, transitions, job };
    },
    finished: () => finished,
    stop,
  };
}
