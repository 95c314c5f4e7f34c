import { z } from 'zod';
import { defineEvent } from '../define-event.js';

/** Something of a registered item changed; whoever wants to know what reads it. */
export const itemChangedPayload = z.object({
  itemId: z.string(),
  /** Counts every change of the item. */
  seq: z.number().int().positive(),
  organizationId: z.string(),
  pid: z.string(),
  subtype: z.string(),
  recordType: z.enum(['SEED', 'COMPLETE']),
  revision: z.number().int().positive(),
  /** `CREATED`, `EDITED`, `LOCKED`, …; more may come. */
  change: z.string(),
});
export type ItemChanged = z.infer<typeof itemChangedPayload>;

export const itemChanged = defineEvent<ItemChanged>({
  type: 'item-changed',
  version: 1,
  producer: 'registry',
  schema: itemChangedPayload,
  tokens: (payload) => [payload.itemId],
  aggregate: (payload) => ({ id: payload.itemId, seq: payload.seq }),
});
