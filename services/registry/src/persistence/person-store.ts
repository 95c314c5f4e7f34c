import type { Statement, Tx } from '@weft/database';
import type { ItemWork } from '../application/item-ports.js';
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

// What a record asserts stays as it was lodged; all else says who the user is by the link, and ends with it.
const FORGET: Statement = {
  name: 'person-forget',
  text: `delete from edge using node n
    where n.kind = 'AGENT' and n.subtype = 'USER' and n.facts ->> 'userId' = $1 and edge.src = n.id
      and edge.relation = 'SPECIALIZATION_OF'
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

const LINKS: Statement = {
  name: 'person-links',
  text: `select (select node from person_link where user_id = $1) as person, (select user_id from person_link where node = $2) as user`,
};

type Links = Pick<ItemWork, 'personLinks' | 'linkPerson' | 'unlinkPerson'>;

/** Whoever the user is recorded as, in whichever organization, is the registered person that he is linked with. */
export const personStore = (tx: Tx): Links => ({
  async personLinks(userId, { key }) {
    // Links are made and read while nobody else does.
    await holdNodes(tx);
    const [row] = await tx.query<Awaited<ReturnType<Links['personLinks']>>>(LINKS, [userId, key]);
    return row ?? { person: null, user: null };
  },
  async linkPerson(userId, { key }) {
    await tx.query('insert into person_link (user_id, node) values ($1, $2)', [userId, key]);
    await tx.query(NAME_PERSON, [userId, key]);
  },
  async unlinkPerson(userId) {
    await tx.query('delete from person_link where user_id = $1', [userId]);
    await tx.query(FORGET, [userId]);
  },
});
