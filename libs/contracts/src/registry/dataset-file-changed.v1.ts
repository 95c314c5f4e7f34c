import { z } from 'zod';
import { defineEvent } from '../define-event.js';

/** Something was said of a dataset whose data are a stored file: that it holds the file, who may read it, or that it let go. */
export const datasetFileChangedPayload = z.object({
  itemId: z.guid(),
  /** That of the item, which counts every change of it: numbers are left out. */
  seq: z.number().int().positive(),
  organizationId: z.guid(),
  /** A dataset has one file for ever. */
  artifactId: z.guid(),
  size: z.number().int().nonnegative(),
  sha256: z.string(),
  /** False: the item was withdrawn, and with it what it opened. */
  held: z.boolean(),
  /** The principals (principal.ts) that may read the data. */
  dataReaders: z.array(z.guid()),
});
export type DatasetFileChanged = z.infer<typeof datasetFileChangedPayload>;

export const datasetFileChanged = defineEvent<DatasetFileChanged>({
  type: 'dataset-file-changed',
  version: 1,
  producer: 'registry',
  schema: datasetFileChangedPayload,
  tokens: (payload) => [payload.itemId],
  aggregate: (payload) => ({ id: payload.itemId, seq: payload.seq }),
});
