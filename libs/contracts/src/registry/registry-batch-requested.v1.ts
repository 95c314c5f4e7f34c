import { z } from 'zod';
import { defineEvent, MAX_MESSAGE_BYTES } from '../define-event.js';
import { registryJob, registryRequest, type RegistryJob } from './registry-job.js';

/** As many as a batch of any other jobs may have. */
export const MOST_REGISTERED_AT_ONCE = 10_000;

/**
 * Many things are to be registered, each by a job of its own. It is told in parts that each fit into a message and that
 * may come in any order: the batch is there once all of them have come, in the order of the parts.
 */
export const registryBatchRequestedPayload = registryRequest.extend({
  batchId: z.guid(),
  part: z
    .object({ index: z.number().int().nonnegative(), of: z.number().int().min(1) })
    .refine(({ index, of }) => index < of, 'is none of its parts'),
  jobs: z.array(registryJob).min(1).max(MOST_REGISTERED_AT_ONCE),
});
export type RegistryBatchRequested = z.infer<typeof registryBatchRequestedPayload>;

export const registryBatchRequested = defineEvent<RegistryBatchRequested>({
  type: 'registry-batch-requested',
  version: 1,
  producer: 'registry',
  schema: registryBatchRequestedPayload,
  aggregate: (payload) => ({ id: payload.batchId, seq: payload.part.index + 1 }),
});

/** What the jobs of a part may have together: the rest is room for the envelope. */
const PART_BYTES = MAX_MESSAGE_BYTES - 4 * 1024;

/** A whole batch as its parts. @throws RangeError for none or too many jobs, and for one that fits into no message. */
export function partsOfBatch({
  jobs,
  ...batch
}: Omit<RegistryBatchRequested, 'part'>): RegistryBatchRequested[] {
  if (jobs.length < 1 || jobs.length > MOST_REGISTERED_AT_ONCE)
    throw new RangeError(`A batch has 1 to ${MOST_REGISTERED_AT_ONCE} jobs, not ${jobs.length}.`);
  const parts: RegistryJob[][] = [];
  let room = 0;
  for (const job of jobs) {
    const bytes = Buffer.byteLength(JSON.stringify(job)) + 1;
    if (bytes > PART_BYTES) throw new RangeError(`Job ${job.jobId} is too long for a message.`);
    if (bytes > room) {
      parts.push([]);
      room = PART_BYTES;
    }
    room -= bytes;
    parts.at(-1)?.push(job);
  }
  return parts.map((part, index) => ({ ...batch, part: { index, of: parts.length }, jobs: part }));
}
