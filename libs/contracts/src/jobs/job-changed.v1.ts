import { z } from 'zod';
import { defineEvent } from '../define-event.js';
import { resultPool } from '../registry/result-pool.js';
import { ATTEMPT_OUTCOMES, JOB_KINDS, JOB_STATES } from './job-state.js';

const state = z.enum(JOB_STATES);

export const transitionActor = z.object({
  kind: z.enum(['user', 'worker', 'system']),
  id: z.string(),
});

/** One step of a job's history. `from` is null for the first one. */
export const jobTransition = z.object({
  seq: z.number().int().positive(),
  at: z.string(),
  cause: z.string(),
  actor: transitionActor,
  from: state.nullable(),
  to: state,
  reason: z.string().nullable(),
  attempt: z.number().int().nullable(),
  /** The items that moved, as runs of neighbours: `[first, last, from, to]`. */
  items: z.array(
    z.object({ first: z.number().int(), last: z.number().int(), from: state.nullable(), to: state }),
  ),
  message: z.string().nullable(),
});
export type JobTransitionFact = z.infer<typeof jobTransition>;

export const attemptFact = z.object({
  number: z.number().int().positive(),
  fence: z.number().int().positive(),
  workerId: z.string(),
  targetId: z.string(),
  outcome: z.enum(ATTEMPT_OUTCOMES),
  firstItem: z.number().int(),
  lastItem: z.number().int(),
  claimedAt: z.string(),
  endedAt: z.string().nullable(),
  /**
   * What it ran in: the SHA-256 of what `environment-described` tells. Null or absent: its worker has not said, which it
   * does with its last report, or is of a version that does not.
   */
  environment: z.string().nullable().optional(),
});
export type AttemptFact = z.infer<typeof attemptFact>;

export const itemOutcome = z.object({
  index: z.number().int(),
  state,
  attempt: z.number().int().nullable(),
  resultSha256: z.string().nullable(),
  resultArtifactId: z.string().nullable(),
  errorCode: z.string().nullable(),
  /** The job that produced the result, when it was carried over from there. */
  carriedFrom: z.string().nullable(),
  /** Of the params that this item brought itself; absent where it brought none. */
  paramsSha256: z.string().nullable().optional(),
});

/**
 * One or several consecutive transitions of a job, with enough of the job itself that a consumer
 * that sees only this message (or the last one only) can act on it.
 */
export const jobChangedPayload = z.object({
  jobId: z.string(),
  organizationId: z.string(),
  createdBy: z.string(),
  name: z.string(),
  kind: z.enum(JOB_KINDS),
  serviceId: z.string().nullable(),
  serviceVersionId: z.string().nullable(),
  /** The version of the job definition by which it was started; absent where there was none, and in messages from before this was told. */
  definition: z.object({ id: z.string(), version: z.number().int().positive() }).nullable().optional(),
  targetId: z.string(),
  /** Of a REGISTRATION what the registry does in it; messages from before there were any say nothing. */
  operation: z.string().nullable().optional(),
  state,
  seq: z.number().int().positive(),
  itemsTotal: z.number().int(),
  submittedAt: z.string(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  retryOf: z.string().nullable(),
  /** The batch that it was submitted with; messages from before there were batches say nothing. */
  batchId: z.string().nullable().optional(),
  /** Of a step of a workflow the jobs that it waited for, once they have let it go on; none before, and where it needs none. */
  needs: z.array(z.string()).nullable().optional(),
  inputs: z.object({
    dataSha256: z.string().nullable(),
    paramsSha256: z.string().nullable(),
    artifactIds: z.array(z.string()),
    /** The one of these that is the file of a command. */
    codeArtifactId: z.string().nullable().optional(),
    /** Of the text of a command, its start script and a newline before it where it has one. */
    commandSha256: z.string().nullable().optional(),
    /** Of a step of a workflow the results by value that went into its data, its params or those of its items. */
    results: z
      .array(
        z.object({
          jobId: z.string(),
          place: z.enum(['DATA', 'PARAMS', 'ITEMS']),
          /** Items of that job, as runs of neighbours: `[first, last]`. */
          items: z.array(z.tuple([z.number().int(), z.number().int()])),
        }),
      )
      .optional(),
  }),
  transitions: z.array(jobTransition).min(1),
  /**
   * Attempts that these transitions touched, as they are after the last one; once the job is final all of them, or those
   * that its outcomes name when all are too many for a message.
   */
  attempts: z.array(attemptFact),
  /** Outcomes of all items, once the job is final; empty before. */
  outcomes: z.array(itemOutcome),
  /** The data pool that is to keep its results; told once the job is final, absent where none is. */
  resultPool: resultPool.optional(),
});
export type JobChanged = z.infer<typeof jobChangedPayload>;

export const jobChanged = defineEvent<JobChanged>({
  type: 'job-changed',
  version: 1,
  producer: 'jobs',
  schema: jobChangedPayload,
  tokens: (payload) => [payload.state, payload.jobId],
  aggregate: (payload) => ({ id: payload.jobId, seq: payload.seq }),
});
