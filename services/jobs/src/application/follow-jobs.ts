// What one subscriber of a live list is owed: of each job that changed the newest there is, bounded, at a pace.
import type { Actor } from '@weft/identity';
import { organizationIds } from '@weft/identity';
import type { Job } from '../domain/job.js';
import type { JobFilter } from './job-list.js';
import { mayHaveTaken, takes, type ListedJob } from './takes-job.js';

export type JobListChange =
  | { readonly kind: 'CHANGED'; readonly jobId: string; readonly job: Job }
  /** The job only where it may still be seen. */
  | { readonly kind: 'LEFT'; readonly jobId: string; readonly job: Job | null }
  | { readonly kind: 'DELETED'; readonly jobId: string; readonly job: null }
  /** More happened than is told: the list has to be asked for again. */
  | { readonly kind: 'REFETCH'; readonly jobId: null; readonly job: null };

export interface JobListNews {
  readonly cursor: string;
  readonly changes: readonly JobListChange[];
}

/** A live list as the feed sees it. */
export interface JobListFollower {
  /** Where it wants to hear of jobs. */
  readonly organizationIds: readonly string[];
  /**
   * @param heardIn the organizations of the news: where the job is or was.
   * @param listed what is true of it now; `undefined`: it is gone.
   */
  offer(jobId: string, heardIn: readonly string[], listed: ListedJob | undefined): void;
  /** Something was lost, or is too much to be told. */
  refetch(): void;
  /** Wakes it, after a round of offers. */
  offered(): void;
}

export interface JobListFeed {
  /** From now on offers what changes; at first, and before `opened`, what has changed after the cursor, if that is still known. */
  follow(follower: JobListFollower, after: string | undefined, scope: string, opened: () => void): () => void;
  /** The cursor behind all that was offered. */
  cursor(scope: string): string;
}

export interface JobListPace {
  /** Between two payloads. */
  readonly pauseMs: number;
  /** After a payload that says REFETCH: in a storm, a list is asked for no more often than this. */
  readonly refetchPauseMs: number;
}

export const JOB_LIST_PACE: JobListPace = { pauseMs: 250, refetchPauseMs: 2_000 };

interface Version {
  readonly seq: number;
  readonly revision: number;
}

/** Jobs in one payload; more make a REFETCH, which is cheaper for a client that shows a page of them. */
export const MOST_CHANGES = 200;
/** Jobs of which is remembered that they were told to have left. */
const MOST_OUTSIDE = 1_000;

export interface FollowedJobList {
  /** What has changed since the last call; `undefined` when nothing has. */
  take(): JobListNews | undefined;
  /** How long to wait before the next {@link take}. */
  pauseMs(): number;
  stop(): void;
}

/** @param scope names whose list it is and what it takes: a cursor of another one says nothing about this one. */
export function followJobList(
  feed: JobListFeed,
  actor: Actor,
  filter: JobFilter,
  after: string | undefined,
  scope: string,
  wake: () => void,
  pace: JobListPace = JOB_LIST_PACE,
): FollowedJobList {
  const mine = new Set(organizationIds(actor));
  const followed = new Set([...mine].filter((id) => id === (filter.organizationId ?? id)));
  const changes = new Map<string, JobListChange>();
  const outside = new Map<string, Version>();
  let refetch = false;
  /** The first payload comes even when there is nothing new: it says from where on everything is told. */
  let opening = false;
  let pause = 0;

  const leave = (jobId: string, job: Job, visible: boolean): void => {
    const known = outside.get(jobId);
    outside.delete(jobId);
    outside.set(jobId, { seq: job.seq, revision: job.recordRevision });
    if (outside.size > MOST_OUTSIDE) outside.delete(outside.keys().next().value as string);
    if (known === undefined || !isNext(known, job) || changes.has(jobId))
      changes.set(jobId, { kind: 'LEFT', jobId, job: visible ? job : null });
  };

  const offer: JobListFollower['offer'] = (jobId, heardIn, listed) => {
    // Of a job that was not theirs nobody hears anything, not even that it is gone.
    if (refetch || !heardIn.some((id) => followed.has(id))) return;
    const visible = listed !== undefined && mine.has(listed.job.organizationId);
    if (listed === undefined) {
      outside.delete(jobId);
      changes.set(jobId, { kind: 'DELETED', jobId, job: null });
    } else if (visible && takes(filter, listed)) {
      outside.delete(jobId);
      changes.set(jobId, { kind: 'CHANGED', jobId, job: listed.job });
    } else if (mayHaveTaken(filter, listed)) leave(jobId, listed.job, visible);
    if (changes.size > MOST_CHANGES) startOver();
  };

  const startOver = (): void => {
    changes.clear();
    refetch = true;
  };

  const follower: JobListFollower = {
    organizationIds: [...followed],
    offer,
    refetch: startOver,
    offered: wake,
  };
  const stop = feed.follow(follower, after, scope, () => {
    opening = true;
    wake();
  });

  return {
    take() {
      if (!opening && !refetch && changes.size === 0) return undefined;
      const told: JobListChange[] = refetch
        ? [{ kind: 'REFETCH', jobId: null, job: null }]
        : [...changes.values()];
      pause = refetch && !opening ? pace.refetchPauseMs : pace.pauseMs;
      opening = false;
      refetch = false;
      changes.clear();
      return { cursor: feed.cursor(scope), changes: told };
    },
    pauseMs: () => pause,
    stop,
  };
}

/** Whether nothing lies between the two: a job that is outside in both was not inside meanwhile. */
const isNext = (before: Version, now: Job): boolean =>
  now.recordRevision === before.revision && now.seq <= before.seq + 1;
