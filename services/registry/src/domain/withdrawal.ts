// That an item was withdrawn, as provenance says it: the activity, at one moment, by which the entity ceased to be of use.
import { readersOf } from './access.js';
import type { RegisteredItem } from './item.js';
import type { NodeStatement } from './statement.js';

/**
 * Of who withdrew it. He had no part in what it is, nor in what came of it before: no walk goes from the withdrawal to him.
 */
export const WITHDRAWER = 'withdrawer';

/** Its readers are those of the item, whose rights do not change any more. */
export const withdrawalOf = (item: RegisteredItem, at: Date): NodeStatement => ({
  identity: `withdrawal/${item.id}`,
  kind: 'ACTIVITY',
  subtype: 'WITHDRAWAL',
  organizationId: item.organizationId,
  isPublic: false,
  readers: readersOf(item),
  revision: 1,
  name: `Withdrawal of ${item.name}`,
  facts: { startedAt: at.toISOString(), endedAt: at.toISOString() },
});
