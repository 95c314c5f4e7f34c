import { z } from 'zod';
import { defineEvent } from '../define-event.js';

/** A final job was given to another organization, or is gone for good. Its lifecycle is told by `job-changed`. */
export const jobRecordChangedPayload = z.object({
  jobId: z.string(),
  /** Counts what people changed of the job's record; what was not told lies between two of them. */
  revision: z.number().int().positive(),
  change: z.enum(['TRANSFERRED', 'DELETED']),
  /** The owner after the change. */
  organizationId: z.string(),
  previousOrganizationId: z.string(),
  /** The job's own `seq`, which is its last. */
  jobSeq: z.number().int().positive(),
});
export type JobRecordChanged = z.infer<typeof jobRecordChangedPayload>;

export const jobRecordChanged = defineEvent<JobRecordChanged>({
  type: 'job-record-changed',
  version: 1,
  producer: 'jobs',
  schema: jobRecordChangedPayload,
  tokens: (payload) => [payload.change, payload.jobId],
  aggregate: (payload) => ({ id: payload.jobId, seq: payload.revision }),
});
