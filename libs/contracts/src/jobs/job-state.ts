/** States of a job and of its items, in lifecycle order; their edges are in `services/jobs/src/domain/lifecycle.ts`. */
export const JOB_STATES = [
  'PENDING',
  'DEQUEUED',
  'IN_PROGRESS',
  'CANCELLING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
] as const;
export type JobState = (typeof JOB_STATES)[number];

export const FINAL_JOB_STATES = ['SUCCEEDED', 'FAILED', 'CANCELLED'] as const satisfies readonly JobState[];
export type FinalJobState = (typeof FINAL_JOB_STATES)[number];

export const isFinalJobState = (state: JobState): state is FinalJobState =>
  (FINAL_JOB_STATES as readonly JobState[]).includes(state);

/**
 * MANAGED_SERVICE runs the code of a service version, COMMAND a shell command line of the submitter's own. REGISTRATION is
 * a job of the registry's own: it writes down an activity and its provenance. Nobody else submits one.
 */
export const JOB_KINDS = ['MANAGED_SERVICE', 'COMMAND', 'REGISTRATION'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** How an attempt ended; RUNNING while it holds its lease. */
export const ATTEMPT_OUTCOMES = [
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
  'LOST',
  'TIMED_OUT',
  'RELEASED',
] as const;
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];
