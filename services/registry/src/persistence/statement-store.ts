import type { Statement, Tx } from '@weft/database';
import type { ProvenanceWriter } from '../application/ports.js';
import { EVERYONE } from '../domain/principal.js';
import type { NodeStatement, Statements } from '../domain/statement.js';
import { described } from './description-store.js';
import { namePeople } from './person-store.js';
import { publicId } from './public-id.js';
import { shareNodes } from './turns.js';
import { wordsOf } from './words.js';

const COLUMNS =
  'public_id, kind, subtype, organization_id, revision, name, facts, described_by, readers, search';
const VALUES = `public_id, kind, subtype, organization_id, revision, name, facts, described_by, readers, ${wordsOf('name')}`;
const STATED = `as stated (public_id uuid, kind text, subtype text, organization_id uuid, revision integer, name text, facts jsonb,
    described_by text, readers uuid[])
  order by public_id`;

// Two inserts, because an update that changes nothing would still lock what many jobs mention: users, workers, {}. They are of
// different nodes, and so can be one statement.
const NODES: Statement = {
  name: 'provenance-nodes',
  text: `
    with mentioned as (
      insert into node (${COLUMNS})
      select ${VALUES} from jsonb_to_recordset($1::jsonb) ${STATED}
      on conflict (public_id) do nothing
    )
    insert into node (${COLUMNS})
    select ${VALUES} from jsonb_to_recordset($2::jsonb) ${STATED}
    on conflict (public_id) do update set kind = excluded.kind, subtype = excluded.subtype, organization_id = excluded.organization_id,
      readers = excluded.readers, revision = excluded.revision, name = excluded.name, facts = excluded.facts,
      described_by = excluded.described_by, search = excluded.search
    where node.revision < excluded.revision`,
};

// `limit 1` makes it look each node up: the planner takes a recordset for 100 rows and would read the whole table instead.
const RELATE: Statement = {
  name: 'provenance-relate',
  text: `insert into edge (src, dst, relation, role, organization_id)
    select src.id, dst.id, stated.relation, stated.role, src.organization_id
    from jsonb_to_recordset($1::jsonb) as stated (src uuid, dst uuid, relation text, role text)
    cross join lateral (select id, organization_id from node where public_id = stated.src limit 1) src
    cross join lateral (select id from node where public_id = stated.dst limit 1) dst
    order by src.id, dst.id
    on conflict do nothing`,
};

/**
 * Nodes that are only mentioned stay as they are when they are known; a told one takes the place of what was known before.
 * What is known of them otherwise is written with them.
 */
export async function writeNodes(tx: Tx, nodes: readonly NodeStatement[]): Promise<void> {
  if (nodes.length === 0) return;
  await shareNodes(tx);
  const all = await described(tx, nodes);
  const mentioned = all.filter((node) => node.revision === 0);
  const told = all.filter((node) => node.revision > 0);
  await tx.query(
    NODES,
    [mentioned, told].map((some) => JSON.stringify(some.map(nodeRecord))),
  );
  await namePeople(tx, nodes);
}

/** Writes statements so that repeating them, or hearing them in another order, changes nothing. */
export const statementStore: Pick<ProvenanceWriter, 'record'> = {
  async record(tx: Tx, { nodes, edges }: Statements) {
    await writeNodes(tx, nodes);
    if (edges.length > 0) await tx.query(RELATE, [JSON.stringify(edges.map(edgeRecord))]);
  },
};

const nodeRecord = (node: NodeStatement) => ({
  public_id: publicId(node.identity),
  kind: node.kind,
  subtype: node.subtype,
  organization_id: node.organizationId,
  revision: node.revision,
  name: node.name,
  facts: node.facts,
  described_by: node.describedBy ?? null,
  readers: node.readers ?? readersOfRecorded(node),
});

/** What the platform's own executions say is for the members of the organization that ran them. */
const readersOfRecorded = ({ isPublic, organizationId }: NodeStatement): string[] =>
  isPublic ? [EVERYONE] : organizationId === null ? [] : [organizationId];

const edgeRecord = (edge: Statements['edges'][number]) => ({
  src: publicId(edge.from),
  dst: publicId(edge.to),
  relation: edge.relation,
  role: edge.role,
});
