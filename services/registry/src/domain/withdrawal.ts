// That an item was withdrawn, as provenance says it: the activity, at one moment, by which the entity ceased to be of use.
import { readersOf } from './access.js';
import type { RegisteredItem } from './item.js';
import type { NodeStatement } from './statement.js';

/**
 * Of who withdrew it. He had no part in what it is, nor in what came of it before: no walk goes from the withdrawal to him.
 */
export const WITHDRAWER = 'withdrawer';

/** What is withdrawn, and who reads of it. */
export interface Withdrawn {
  readonly key: number;
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly readers: readonly string[];
}

/** Its rights do not change any more. */
export const withdrawnItem = (item: RegisteredItem): Withdrawn => ({ ...item, readers: readersOf(item) });

export const withdrawalOf = ({ id, organizationId, name, readers }: Withdrawn, at: Date): NodeStatement => ({
  ...{ identity: `withdrawal/${id}`, organizationId, readers },
  kind: 'ACTIVITY',
  subtype: 'WITHDRAWAL',
  isPublic: false,
  revision: 1,
  name: `Withdrawal of ${name}`,
  facts: { startedAt: at.toISOString(), endedAt: at.toISOString() },
});
