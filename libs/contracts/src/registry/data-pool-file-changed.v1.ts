import { z } from 'zod';
import { defineEvent } from '../define-event.js';

/** A version of a file came into a data pool (seq 1), or was taken out of it (seq 2). Nothing else of it ever changes. */
export const dataPoolFileChangedPayload = z.object({
  fileId: z.guid(),
  seq: z.number().int().min(1).max(2),
  dataPoolId: z.guid(),
  name: z.string(),
  /** The highest that was not taken out is the file of this name. */
  version: z.number().int().positive(),
  artifactId: z.guid(),
  mediaType: z.string(),
  size: z.number().int().nonnegative(),
  sha256: z.string(),
  removed: z.boolean(),
});
export type DataPoolFileChanged = z.infer<typeof dataPoolFileChangedPayload>;

export const dataPoolFileChanged = defineEvent<DataPoolFileChanged>({
  type: 'data-pool-file-changed',
  version: 1,
  producer: 'registry',
  schema: dataPoolFileChangedPayload,
  tokens: (payload) => [payload.dataPoolId],
  aggregate: (payload) => ({ id: payload.fileId, seq: payload.seq }),
});
