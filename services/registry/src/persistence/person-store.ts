import type { Statement, Tx } from '@weft/database';
import type { NodeStatement } from '../domain/statement.js';
import { isUuid, publicId } from './public-id.js';
import { holdNodes } from './turns.js';

const NAME_PEOPLE: Statement = {
  name: 'people-name',
  text: `insert into edge (src, dst, relation, role, organization_id)
    select n.id, link.node, 'SPECIALIZATION_OF', '', n.organization_id
    from unnest($1::uuid[], $2::uuid[]) as acting (public_id, user_id)
    join person_link link on link.user_id = acting.user_id
    join node n on n.public_id = acting.public_id
    on conflict do nothing`,
};

// What a record asserts stays as it was lodged; all else says who the user is by the link, and follows it.
const FORGET: Statement = {
  name: 'person-forget',
  text: `delete from edge using node n
    where n.kind = 'AGENT' and n.subtype = 'USER' and n.facts ->> 'userId' = $1 and edge.src = n.id
      and edge.relation = 'SPECIALIZATION_OF' and edge.dst <> $2
      and not exists (select from record_edge r
        where (r.src, r.dst, r.relation, r.role) = (edge.src, edge.dst, edge.relation, edge.role))`,
};

const NAME_PERSON: Statement = {
  name: 'person-name',
  text: `insert into edge (src, dst, relation, role, organization_id)
    select n.id, $2, 'SPECIALIZATION_OF', '', n.organization_id
    from node n where n.kind = 'AGENT' and n.subtype = 'USER' and n.facts ->> 'userId' = $1
    on conflict do nothing`,
};

/** Which registered people these users are, where it is known; for a transaction that shares the nodes. */
export async function namePeople(tx: Tx, nodes: readonly NodeStatement[]): Promise<void> {
  const users = nodes.flatMap(({ subtype, identity, facts: { userId } }) =>
    subtype === 'USER' && isUuid(userId) ? [{ id: publicId(identity), userId }] : [],
  );
  if (users.length === 0) return;
  await tx.query(NAME_PEOPLE, [users.map(({ id }) => id), users.map(({ userId }) => userId)]);
}

/** Whoever the user is recorded as, in whichever organization, is this registered person from now on. */
export async function namePerson(tx: Tx, userId: string, personKey: number): Promise<void> {
  await holdNodes(tx);
  await tx.query(FORGET, [userId, personKey]);
  await tx.query(NAME_PERSON, [userId, personKey]);
}
