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
