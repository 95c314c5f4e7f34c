import { z } from 'zod';
import { JOB_KINDS } from '../jobs/job-state.js';
import { SERVICE_RUNTIMES } from '../marketplace/service-version-changed.v1.js';
import { environmentDigest } from './run-environment.js';
import { targetLimits } from '../execution/target-changed.v1.js';

/** By value up to this many bytes in a claim's or report's message; larger goes by `input` chunks or as an artifact. */
export const INLINE_BYTES = 64 * 1024;
/** A result by value, as JSON text in UTF-8; larger results become artifacts. */
export const MAX_INLINE_RESULT_BYTES = 128 * 1024;
/** Size of one chunk of an `input` answer. */
export const INPUT_CHUNK_BYTES = 192 * 1024;

/** One attempt as its worker knows it: the fence is checked on every write. */
export const attemptRef = z.object({
  jobId: z.string(),
  attempt: z.number().int().positive(),
  fence: z.number().int().positive(),
});
export type AttemptRef = z.infer<typeof attemptRef>;

/** Attempts that one claim may ask for. */
export const MOST_CLAIMED = 64;

/** `claim`: give me up to `capacity` slices; hold the answer up to `holdMs` when there is none. */
export const claimRequest = z.object({
  requestId: z.string().min(8),
  capacity: z.number().int().min(1).max(MOST_CLAIMED),
  holdMs: z.number().int().min(0).max(10_000),
  /** The worker starts at once: DEQUEUED and IN_PROGRESS are written together. */
  start: z.boolean(),
  /** Asked for the first time under this id: nothing can have been given for it. Absent: it may be a repetition. */
  fresh: z.boolean().optional(),
});
export type ClaimRequest = z.infer<typeof claimRequest>;

/** A value handed to user code: inline as JSON text, or to be fetched. */
export const inputValue = z.discriminatedUnion('by', [
  z.object({ by: z.literal('value'), json: z.string() }),
  z.object({ by: z.literal('fetch'), bytes: z.number().int() }),
  z.object({ by: z.literal('artifact'), artifactId: z.string() }),
  z.object({ by: z.literal('none') }),
]);
export type InputValue = z.infer<typeof inputValue>;

/** The code of a service version: one file that exports `run(data, params, context)`. */
export const serviceCode = z.object({ artifactId: z.string(), runtime: z.enum(SERVICE_RUNTIMES) });
export type ServiceCode = z.infer<typeof serviceCode>;

/** What a COMMAND job runs, with its secrets in the clear: from jobs to the worker that holds the attempt, and nowhere else. */
export const commandSpec = z.object({
  /** For `/bin/sh -c`. */
  command: z.string(),
  /** Run before it, which finds what it exports; when it fails the command is not run. */
  startScript: z.string().nullable(),
  /** Below /work. */
  workingDirectory: z.string().nullable(),
  environment: z.array(z.object({ name: z.string(), value: z.string(), secret: z.boolean() })),
  /** Put into the working directory under this name. */
  code: z.object({ artifactId: z.string(), fileName: z.string() }).nullable(),
  /** The interpreter of the image. */
  runtime: z.enum(SERVICE_RUNTIMES).nullable(),
});
export type CommandSpec = z.infer<typeof commandSpec>;

/** JSON text of a {@link commandSpec}. */
export const commandCode = z.object({ command: inputValue });
export type CommandCode = z.infer<typeof commandCode>;

/** What a REGISTRATION does: the registry's worker knows the word. */
export const operationCode = z.object({ operation: z.string() });
export type OperationCode = z.infer<typeof operationCode>;

export const claimedAttempt = attemptRef.extend({
  organizationId: z.string(),
  /** The user in whose name it runs; absent from replicas of an older version. */
  createdBy: z.string().optional(),
  kind: z.enum(JOB_KINDS),
  jobName: z.string(),
  correlationId: z.string(),
  leaseMs: z.number().int().positive(),
  /** The attempt is ended when it runs longer than this. */
  timeoutMs: z.number().int().positive(),
  deadlineAt: z.string().nullable(),
  /** The time for which a schedule planned the job; absent from replicas that know of no schedules. */
  plannedFor: z.string().nullable().optional(),
  idempotencyKey: z.string(),
  code: z.union([commandCode, serviceCode, operationCode]),
  /** Name of the image that the job asked for; absent: none. */
  image: z.string().optional(),
  /** Those of the size that the job asked for laid over the target's. */
  limits: targetLimits.extend({ cpus: z.number().positive().optional() }),
  data: inputValue,
  params: inputValue,
  /** Each result is to be stored as an artifact, also one that goes by value. Absent: only what is too large for that. */
  storeResults: z.boolean().optional(),
  /** The items of this slice, each with its own params laid over the job's. */
  items: z.array(z.object({ index: z.number().int().nonnegative(), params: inputValue })),
});
export type ClaimedAttempt = z.infer<typeof claimedAttempt>;

export const claimReply = z.object({ attempts: z.array(claimedAttempt) });
export type ClaimReply = z.infer<typeof claimReply>;

/** `renew`: these attempts live; each may tell its progress. */
export const renewRequest = z.object({
  requestId: z.string().min(8),
  attempts: z
    .array(
      attemptRef.extend({
        progress: z
          .object({ fraction: z.number().min(0).max(1), message: z.string().max(500).nullable() })
          .nullable(),
      }),
    )
    .min(1)
    .max(64),
});
export type RenewRequest = z.infer<typeof renewRequest>;

export const renewReply = z.object({
  attempts: z.array(
    attemptRef.extend({
      /** `lost`: stop at once, nothing of it will be accepted. */
      standing: z.enum(['held', 'lost']),
      /** All that is left of the attempt. */
      cancel: z.boolean(),
      /** Only these items of it; the others go on. Workers of an older version do not read this and run them to their end. */
      cancelItems: z.array(z.number().int().nonnegative()).optional(),
      leaseMs: z.number().int(),
    }),
  ),
});
export type RenewReply = z.infer<typeof renewReply>;

export const itemReport = z.object({
  index: z.number().int().nonnegative(),
  outcome: z.enum(['SUCCEEDED', 'FAILED', 'CANCELLED']),
  /** JSON text of the result by value. */
  result: z.string().nullable(),
  resultArtifactId: z.uuid().nullable(),
  resultSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  error: z
    .object({
      code: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/),
      message: z.string().max(4_000),
      /** False: another try of the item would fail in the same way, and there is none. */
      retryable: z.boolean(),
    })
    .nullable(),
});
export type ItemReport = z.infer<typeof itemReport>;

/** One message about an attempt. STARTED once; then items as they finish; `ended` with the last. RELEASED gives the rest back. */
export const attemptReport = attemptRef.extend({
  kind: z.enum(['STARTED', 'FINISHED', 'RELEASED']),
  items: z.array(itemReport),
  usage: z
    .object({
      wallMs: z.number().int(),
      cpuMs: z.number().int(),
      peakMemoryBytes: z.number().int(),
      exitCode: z.number().int().nullable(),
    })
    .nullable(),
  /** What the attempt ran in: the digest of a `runEnvironment`. Absent: nothing ran, or the worker does not say. */
  environment: environmentDigest.optional(),
});
export type AttemptReport = z.infer<typeof attemptReport>;

export const reportRequest = z.object({
  requestId: z.string().min(8),
  reports: z.array(attemptReport).min(1).max(64),
});
export type ReportRequest = z.infer<typeof reportRequest>;

/**
 * `accepted` also answers a repetition; `refused` is final (the attempt is not the accepted one): drop it; `again` could
 * not be taken for an unexpected reason, which is no reason to keep the others: send it later.
 */
export const reportReply = z.object({
  reports: z.array(
    attemptRef.extend({ standing: z.enum(['accepted', 'refused', 'again']), code: z.string().nullable() }),
  ),
});
export type ReportReply = z.infer<typeof reportReply>;

/**
 * `input`: a chunk of a value that was too large for the claim. `item` null: the job's own data or params. With `of`, for
 * the registry alone, a value of another job of the same organization: its data, its params or the result of an item (ADR 0037).
 */
export const inputRequest = attemptRef.extend({
  requestId: z.string().min(8),
  which: z.enum(['data', 'params', 'command', 'result']),
  of: z.string().optional(),
  item: z.number().int().nullable(),
  offset: z.number().int().nonnegative(),
});
export type InputRequest = z.infer<typeof inputRequest>;

/** The answer's body is the chunk itself (UTF-8 bytes); headers `weft-total` (bytes) and, on refusal, `weft-error` (code). */
export const INPUT_TOTAL_HEADER = 'weft-total';
export const INPUT_ERROR_HEADER = 'weft-error';

/**
 * jobs → worker on the cancel subject: of an attempt all that is left, or only these items. The second has another form,
 * so that a worker of an older version passes over it and does not cancel the others with them.
 */
export const cancelNotice = z.union([
  attemptRef,
  z.object({ only: attemptRef.extend({ items: z.array(z.number().int().nonnegative()).min(1) }) }),
]);
export type CancelNotice = z.infer<typeof cancelNotice>;

/** Any request that could not be served is answered with this instead. */
export const workError = z.object({
  error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean() }),
});
export type WorkError = z.infer<typeof workError>;
