import { z } from 'zod';
import { defineEvent } from '../define-event.js';

export const DATA_POOL_STATES = ['OPEN', 'SEALED', 'DELETED'] as const;

/** Something of a data pool changed: also who may read its files. Its files are told by `data-pool-file-changed`. */
export const dataPoolChangedPayload = z.object({
  dataPoolId: z.guid(),
  /** Counts every change of the pool. */
  seq: z.number().int().positive(),
  organizationId: z.guid(),
  name: z.string(),
  /** Of a deleted pool nothing is kept: its files are not told to be removed one by one. */
  state: z.enum(DATA_POOL_STATES),
  /** The principals (principal.ts) that may read the content of its files. */
  dataReaders: z.array(z.guid()),
  /** Those that may put files into it; absent in news from before there were result pools. */
  dataWriters: z.array(z.guid()).optional(),
  /** Whether files may come and go: not while its release is asked for, nor once it is given. Absent likewise. */
  takesFiles: z.boolean().optional(),
  /** `CREATED`, `ACCESS_CHANGED`, …; more may come. */
  change: z.string(),
});
export type DataPoolChanged = z.infer<typeof dataPoolChangedPayload>;

export const dataPoolChanged = defineEvent<DataPoolChanged>({
  type: 'data-pool-changed',
  version: 1,
  producer: 'registry',
  schema: dataPoolChangedPayload,
  tokens: (payload) => [payload.dataPoolId],
  aggregate: (payload) => ({ id: payload.dataPoolId, seq: payload.seq }),
});
