import { z } from 'zod';
import { defineEvent } from '../define-event.js';

/** People changed how a job is called or described. What changes its owner or its being is told by `job-record-changed`. */
export const jobRecordUpdatedPayload = z.object({
  jobId: z.string(),
  /** Counts what people changed of the job's record; what was not told lies between two of them. */
  revision: z.number().int().positive(),
  organizationId: z.string(),
  /** What changed: `name`, `description`, `priority`, `tags`; more may come. */
  fields: z.array(z.string()),
});
export type JobRecordUpdated = z.infer<typeof jobRecordUpdatedPayload>;

export const jobRecordUpdated = defineEvent<JobRecordUpdated>({
  type: 'job-record-updated',
  version: 1,
  producer: 'jobs',
  schema: jobRecordUpdatedPayload,
  tokens: (payload) => [payload.jobId],
  aggregate: (payload) => ({ id: payload.jobId, seq: payload.revision }),
});
