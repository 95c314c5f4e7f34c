// A job as it comes into being: from a submission, or as the successor of a final one.
import { reasonToWait, type Job, type JobItem, type Transition, type TransitionActor } from './job.js';
import { addMove } from './job-change.js';
import type { ItemMove } from './job.js';
import { NO_ITEMS, rollUp } from './roll-up.js';

export type NewJob = Omit<
  Job,
  | 'state'
  | 'reason'
  | 'seq'
  | 'attempts'
  | 'carriedOver'
  | 'counts'
  | 'cancelRequestedAt'
  | 'claimableAt'
  | 'dequeuedAt'
  | 'startedAt'
  | 'endedAt'
  | 'recordRevision'
>;

export interface BornJob {
  readonly job: Job;
  readonly items: readonly JobItem[];
  readonly transition: Transition;
}

/** @param carried items that succeeded before and come along: their results stay where they are and are referred to. */
export function bearJob(
  given: NewJob,
  carried: ReadonlyMap<number, JobItem>,
  actor: TransitionActor,
): BornJob {
  const now = given.submittedAt;
  const runAt = given.startAt !== null && given.startAt > now ? given.startAt : now;
  const moves: ItemMove[] = [];
  const items: JobItem[] = [];
  for (let index = 0; index < given.itemsTotal; index++) {
    const from = carried.get(index);
    const state = from === undefined ? 'PENDING' : 'SUCCEEDED';
    addMove(moves, { first: index, last: index, from: null, to: state });
    items.push({
      jobId: given.id,
      index,
      state,
      attempt: null,
      failures: 0,
      losses: 0,
      runAt,
      result: null,
      resultArtifactId: from?.resultArtifactId ?? null,
      resultSha256: from?.resultSha256 ?? null,
      error: null,
      startedAt: null,
      endedAt: from === undefined ? null : now,
      carriedFrom: from === undefined ? null : (from.carriedFrom ?? from.jobId),
    });
  }
  const counts = { ...NO_ITEMS, PENDING: given.itemsTotal - carried.size, SUCCEEDED: carried.size };
  const forReference = given.referenceDeadline !== null;
  const forJobs = given.needsMet === false;
  const job: Job = {
    ...given,
    state: rollUp(counts, carried.size, false),
    reason: forReference ? 'WAITING_FOR_REFERENCE' : forJobs ? 'WAITING_FOR_JOBS' : reasonToWait(given, now),
    seq: 1,
    recordRevision: 0,
    attempts: 0,
    carriedOver: carried.size,
    counts,
    cancelRequestedAt: null,
    claimableAt: forReference || forJobs ? null : runAt,
    dequeuedAt: null,
    startedAt: null,
    endedAt: null,
  };
  return {
    job,
    items,
    transition: {
      jobId: job.id,
      seq: 1,
      at: now,
      cause: 'SUBMITTED',
      actor,
      from: null,
      to: job.state,
      reason: job.reason,
      attempt: null,
      items: moves,
      message: null,
    },
  };
}
