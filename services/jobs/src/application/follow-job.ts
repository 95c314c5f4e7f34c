import { isFinalJobState } from '@weft/contracts';
import type { Actor } from '@weft/identity';
import { AppError } from '@weft/errors';
import type { Job, Transition } from '../domain/job.js';
import type { JobReader } from './job-reader.js';

/** What was just committed here: transitions that follow each other, and the job after them. */
export interface JobStep {
  readonly job: Job;
  readonly transitions: readonly Transition[];
}

export interface JobFeed {
  /** Calls back with the job's `seq` whenever it may have moved, and with the step itself where it is at hand; returns how to stop. */
  follow(jobId: string, callback: (seq: number, step?: JobStep) => void): () => void;
  moved(jobId: string, seq: number, step?: JobStep): void;
}

export interface JobNews {
  readonly seq: number;
  readonly transitions: readonly Transition[];
  readonly job: Job;
}

/** Reads what may not be there yet, as often as it is worth waiting for it. */
export type Patience = <T>(id: string, read: () => Promise<T | undefined>) => Promise<T | undefined>;

export const once: Patience = (_id, read) => read();

/** Steps that are kept for a follower that does not take them; beyond it they are read when it does. */
const MOST_STEPS = 32;

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
  patience: Patience = once,
): Promise<JobFollower> {
  let known = 0;
  let steps: JobStep[] = [];
  const stop = feed.follow(jobId, (seq, step) => {
    if (step !== undefined && steps.length < MOST_STEPS) steps.push(step);
    if (seq > known) {
      known = seq;
      wake();
    }
  });
  const first = await patience(jobId, () => reader.job(actor, jobId)).catch((error: unknown) => {
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
      const at = opened ? atHand(steps, told) : undefined;
      steps = [];
      // A gap in what is at hand - another replica moved the job, or too much came at once - is read.
      const { job, transitions } = at ?? (await reader.news(jobId, told, MOST_TRANSITIONS));
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

/** What happened after `told`, if the steps that are at hand tell all of it. */
function atHand(steps: readonly JobStep[], told: number): JobStep | undefined {
  const transitions: Transition[] = [];
  for (const step of steps)
    for (const transition of step.transitions) {
      if (transition.seq <= told) continue;
      if (transition.seq !== told + transitions.length + 1) return undefined;
      transitions.push(transition);
    }
  const last = steps.at(-1);
  return last !== undefined && transitions.length > 0 ? { job: last.job, transitions } : undefined;
}
