import type { Statement, Tx } from '@weft/database';
import type { RegisteredItem } from '../domain/item.js';
import { agentsOf } from '../domain/lodged-activity.js';
import { WITHDRAWER, withdrawalOf, withdrawnItem, type Withdrawn } from '../domain/withdrawal.js';
import { publicId } from './public-id.js';
import { writeNodes } from './statement-store.js';

/** Parameters: the item's key, the withdrawal, the user as a node, the user. Whoever has said which person he is stands there as that. */
const INVALIDATE: Statement = {
  name: 'item-invalidate',
  text: `
    with withdrawal as (
      select id, organization_id from node where public_id = $2
    ), by as (
      select coalesce((select node from person_link where user_id = $4), (select id from node where public_id = $3)) as id
    )
    insert into edge (src, dst, relation, role, organization_id)
    select $1, w.id, 'WAS_INVALIDATED_BY', '', w.organization_id from withdrawal w
    union all
    select w.id, by.id, 'WAS_ASSOCIATED_WITH', '${WITHDRAWER}', w.organization_id from withdrawal w, by
    on conflict do nothing`,
};

/** Says of an item that was just withdrawn that it was; of entities only, for nothing else is invalidated in PROV. */
export async function sayWithdrawn(tx: Tx, item: RegisteredItem): Promise<void> {
  if (item.kind !== 'ENTITY' || item.withdrawn === null) return;
  await sayInvalidated(tx, withdrawnItem(item), item.withdrawn);
}

/** Says who ended something, and when. */
export async function sayInvalidated(
  tx: Tx,
  what: Withdrawn,
  { by, at }: { readonly by: string; readonly at: Date },
): Promise<void> {
  const { user } = agentsOf({ organizationId: what.organizationId, userId: by });
  const withdrawal = withdrawalOf(what, at);
  await writeNodes(tx, [user, withdrawal]);
  await tx.query(INVALIDATE, [what.key, publicId(withdrawal.identity), publicId(user.identity), by]);
}
