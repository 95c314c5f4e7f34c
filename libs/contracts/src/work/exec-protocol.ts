import { z } from 'zod';
import { attemptRef } from './protocol.js';
import { describedEnvironment, MOST_DESCRIBED } from './run-environment.js';

/** Worker → execution `log`: a batch of lines, numbered from 1 without gaps within the attempt; repeating a batch changes nothing. */
export const logRequest = attemptRef.extend({
  lines: z
    .array(
      z.object({
        number: z.number().int().positive(),
        at: z.string(),
        stream: z.enum(['STDOUT', 'STDERR', 'SYSTEM']),
        text: z.string(),
      }),
    )
    .max(1_000),
  /** The attempt writes no more lines. */
  complete: z.boolean(),
  usage: z
    .object({
      wallMs: z.number().int(),
      cpuMs: z.number().int(),
      peakMemoryBytes: z.number().int(),
      exitCode: z.number().int().nullable(),
    })
    .nullable(),
});
export type LogRequest = z.infer<typeof logRequest>;

export const logReply = z.object({
  /** ATTEMPT_UNKNOWN: send again shortly. LEASE_LOST: drop it. */
  code: z.enum(['OK', 'ATTEMPT_UNKNOWN', 'LEASE_LOST']),
  /** The highest line stored. */
  stored: z.number().int(),
});
export type LogReply = z.infer<typeof logReply>;

/** Also on `log`: what several attempts of one worker have to tell at the same time, each attempt once. */
export const logsRequest = z.object({
  batches: z
    .array(logRequest)
    .min(1)
    .max(64)
    .refine(
      (batches) => new Set(batches.map((one) => `${one.jobId}:${one.attempt}`)).size === batches.length,
      'tells of an attempt twice',
    ),
});
export type LogsRequest = z.infer<typeof logsRequest>;

/** One reply for each batch, in their order. */
export const logsReply = z.object({ replies: z.array(logReply) });
export type LogsReply = z.infer<typeof logsReply>;

/**
 * Worker → execution `artifact`: a signed URL to read an input of the attempt, or to write a result of it. Attempts on the
 * target of the registry read whatever all members of their job's organization may read (ADR 0037).
 */
export const artifactRequest = z.discriminatedUnion('intent', [
  attemptRef.extend({ intent: z.literal('read'), artifactId: z.string() }),
  attemptRef.extend({
    intent: z.literal('write'),
    name: z.string(),
    mediaType: z.string(),
    kind: z.enum(['RESULT', 'LOG', 'REPORT']),
  }),
]);
export type ArtifactRequest = z.infer<typeof artifactRequest>;

const refusedFile = z.object({
  code: z.enum(['ATTEMPT_UNKNOWN', 'LEASE_LOST', 'NOT_FOUND']),
  message: z.string(),
});

export const artifactReply = z.discriminatedUnion('code', [
  z.object({
    code: z.literal('OK'),
    artifactId: z.string(),
    url: z.string(),
    expiresAt: z.string(),
    /** Of what is read; replicas of an older version do not say. */
    file: z.object({ name: z.string(), mediaType: z.string() }).optional(),
  }),
  refusedFile,
]);
export type ArtifactReply = z.infer<typeof artifactReply>;

/** The registry → execution, also on `artifact`: a page of the log of another job of the same organization (ADR 0037). */
export const logPageRequest = attemptRef.extend({
  intent: z.literal('log'),
  of: z.string(),
  /** The position of the last line that is there already; 0: from the beginning. */
  after: z.number().int().nonnegative(),
});
export type LogPageRequest = z.infer<typeof logPageRequest>;

export const logPageReply = z.discriminatedUnion('code', [
  z.object({
    code: z.literal('OK'),
    /** `<time> <stream> <text>`, each with its end of line. */
    text: z.string(),
    /** Where to go on; null: that was all. */
    next: z.number().int().nullable(),
  }),
  refusedFile,
]);
export type LogPageReply = z.infer<typeof logPageReply>;

/** Worker → execution `beat`: this worker serves the target; without a beat for 15 s the target is UNAVAILABLE. */
export const beatRequest = z.object({
  runtimes: z.array(z.enum(['NODEJS', 'PYTHON'])),
  /** What is missing or weaker than it should be, e.g. no sandbox; null when all is well. */
  problem: z.string().nullable(),
  usable: z.boolean(),
  running: z.number().int().nonnegative(),
  capacity: z.number().int().positive(),
  /** Environments that attempts of this worker ran in, those used last. They are told again and again: nothing is lost by it. */
  environments: z.array(describedEnvironment).max(MOST_DESCRIBED).optional(),
});
export type BeatRequest = z.infer<typeof beatRequest>;
