import { z } from 'zod';
import { defineEvent } from '../define-event.js';
import { JOB_KINDS } from '../jobs/job-state.js';
import { SERVICE_RUNTIMES } from '../marketplace/service-version-changed.v1.js';

export const TARGET_STATUSES = ['AVAILABLE', 'DEGRADED', 'UNAVAILABLE'] as const;
export type TargetStatus = (typeof TARGET_STATUSES)[number];

/** What one run on the target may use. */
export const targetLimits = z.object({
  timeSeconds: z.number().int().positive(),
  memoryBytes: z.number().int().positive(),
  processes: z.number().int().positive(),
  diskBytes: z.number().int().positive(),
  logBytes: z.number().int().positive(),
  resultBytes: z.number().int().positive(),
  itemsPerSlice: z.number().int().positive(),
  concurrentAttempts: z.number().int().positive(),
});
export type TargetLimits = z.infer<typeof targetLimits>;

/** Hardware that a job may ask for by name: it takes the place of the target's limits of the same names. */
export const targetSize = z.object({
  name: z.string().regex(/^[a-z0-9-]{1,40}$/),
  description: z.string(),
  cpus: z.number().positive(),
  memoryBytes: z.number().int().positive(),
  processes: z.number().int().positive(),
  diskBytes: z.number().int().positive(),
  /** At most the target's own. */
  timeSeconds: z.number().int().positive(),
});
export type TargetSize = z.infer<typeof targetSize>;

/** A profile of the target: what a run finds there besides the shell. */
export const targetImage = z.object({
  name: z.string().regex(/^[a-z0-9-]{1,40}$/),
  description: z.string(),
  /** The interpreter that is on the PATH; absent: the system's programs only. */
  runtime: z.enum(SERVICE_RUNTIMES).nullable(),
});
export type TargetImage = z.infer<typeof targetImage>;

export const targetChangedPayload = z.object({
  targetId: z.string().regex(/^[a-z0-9-]+$/),
  seq: z.number().int().positive(),
  providerId: z.string(),
  name: z.string(),
  /** Absent organization: the target serves everybody. */
  organizationId: z.string().nullable(),
  kinds: z.array(z.enum(JOB_KINDS)),
  runtimes: z.array(z.enum(SERVICE_RUNTIMES)),
  limits: targetLimits,
  /** Absent: news of a producer that knew neither. */
  sizes: z.array(targetSize).optional(),
  images: z.array(targetImage).optional(),
  cancelsRunning: z.boolean(),
  status: z.enum(TARGET_STATUSES),
  statusReason: z.string().nullable(),
});
export type TargetChanged = z.infer<typeof targetChangedPayload>;

export const targetChanged = defineEvent<TargetChanged>({
  type: 'target-changed',
  version: 1,
  producer: 'execution',
  schema: targetChangedPayload,
  tokens: (payload) => [payload.targetId],
  aggregate: (payload) => ({ id: payload.targetId, seq: payload.seq }),
});
