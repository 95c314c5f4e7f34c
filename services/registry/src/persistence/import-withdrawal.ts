// How an import is taken back: first its own rows, then the statements and things that nobody asserts any more.
import type { Statement, Tx } from '@weft/database';
import type { StandingRecord, WithdrawalWork } from '../application/import-ports.js';
import { SAID_BY_A_JOB } from './job-records.js';
import { isUuid } from './public-id.js';
import { lockStatements } from './turns.js';
import { sayInvalidated } from './withdrawal.js';
import { wordsOf } from './words.js';

const LOCK: Statement = {
  name: 'import-lock',
  text: `select r.id as key, r.public_id as id, r.organization_id as "organizationId", r.name, r.readers,
      (select public_id from record where id = r.parent) as "parentId", r.withdrawn_at is not null as withdrawn
    from record r where r.public_id = $1 and r.kind = 'IMPORT' and r.readers && $2::uuid[] for update`,
};

const MARK: Statement = {
  name: 'import-withdraw',
  text: `update record set withdrawn_at = now(), withdrawn_by = $2, withdrawal_reason = $3
    where id = $1 or parent = $1 returning withdrawn_at as at`,
};

/** The import and its bundles: as an array, so that theirs are looked up whatever the planner knows of how many there are. */
const ITS_RECORDS = `array(select id from record where id = $1 or parent = $1)`;

const UNSAY: Statement = {
  name: 'import-unsay',
  text: `delete from record_edge e where e.record = any (${ITS_RECORDS}) returning e.src, e.dst, e.relation, e.role`,
};

/** What the registry itself says of registered things without a record: what a template names, and which file a dataset is. */
const SAID_BY_US = `(
  e.relation = 'HAD_MEMBER' and exists (select from item_reference r join node n on n.id = r.node
    where (r.node, r.target) = (e.src, e.dst) and n.subtype = 'MODEL_RUN_WORKFLOW_TEMPLATE' offset 0)
  or e.relation = 'ALTERNATE_OF' and exists (select from item_data d join node file on file.id = e.dst
    where d.node = e.src and file.facts ->> 'artifactId' = d.artifact_id::text offset 0))`;

// Looked up one by one, here and below, as in job-records.ts.
const DROP_EDGES: Statement = {
  name: 'import-drop-edges',
  text: `delete from edge where ctid = any (array(
      select e.ctid
      from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) as gone (src, dst, relation, role)
      cross join lateral (
        select edge.ctid, edge.* from edge
        where (edge.src, edge.dst, edge.relation, edge.role) = (gone.src, gone.dst, gone.relation, gone.role) limit 1
      ) e
      where not exists (select from record_edge r
          where (r.src, r.dst, r.relation, r.role) = (e.src, e.dst, e.relation, e.role) offset 0)
        and not ${SAID_BY_US} and not ${SAID_BY_A_JOB}))`,
};

const UNNAME: Statement = {
  name: 'import-unname',
  text: `delete from record_node n where n.record = any (${ITS_RECORDS})
    returning n.node, coalesce(n.told <> '{}', false) as told`,
};

/** Things that came with documents, that none of them names any more and nothing hangs on. */
const DROP_NODES: Statement = {
  name: 'import-drop-nodes',
  text: `delete from node n
    where n.id = any ($1::bigint[]) and n.subtype = 'IMPORTED' and not n.registered
      and not exists (select from record_node held where held.node = n.id offset 0)
      and not exists (select from edge e where e.src = n.id offset 0)
      and not exists (select from edge e where e.dst = n.id offset 0)
      and not exists (select from item_reference r where r.target = n.id offset 0)`,
};

// Who described it first among those that are left; nobody: it is called as it is named. What an import from before migration
// 0020 told is not known, so where one of those is left all stays as it is.
const TELL_AGAIN: Statement = {
  name: 'import-tell-again',
  text: `
    update node n set kind = next.kind, name = next.name, facts = next.facts, revision = next.revision, search = ${wordsOf('next.name')}
    from unnest($1::bigint[]) as gone (node)
    cross join lateral (
      select n.kind, n.facts ->> 'iri' as iri, exists (select from record_node held where held.node = n.id and held.told is null offset 0) as unknown
      from node n where n.id = gone.node and n.subtype = 'IMPORTED' and not n.registered
    ) was
    cross join lateral (
      (select held.told ->> 'kind' as kind, held.told ->> 'name' as name, held.told -> 'facts' as facts, 1 as revision, held.record as place
       from record_node held where held.node = gone.node and held.told ? 'kind' order by held.record limit 1)
      union all
      select was.kind, left(coalesce(substring(was.iri from '[^#/:]+[#/:]*$'), was.iri), 200), jsonb_build_object('iri', was.iri), 0, null
      order by place nulls last limit 1
    ) next
    where n.id = gone.node and not was.unknown`,
};

interface Edge {
  readonly src: number;
  readonly dst: number;
  readonly relation: string;
  readonly role: string;
}

export const importWithdrawal = (tx: Tx): WithdrawalWork => ({
  holdStatements: () => lockStatements(tx, 'changing'),
  async lockImport(id, principals) {
    const [row] = isUuid(id) ? await tx.query<StandingRecord>(LOCK, [id, principals]) : [];
    return row;
  },
  async withdraw(record, { by, reason }) {
    const [marked] = await tx.query<{ at: Date }>(MARK, [record.key, by, reason]);
    if (marked === undefined) throw new Error(`the record ${record.id} is gone`);
    const edges = await tx.query<Edge>(UNSAY, [record.key]);
    await tx.query(DROP_EDGES, [
      edges.map(({ src }) => src),
      edges.map(({ dst }) => dst),
      edges.map(({ relation }) => relation),
      edges.map(({ role }) => role),
    ]);
    const nodes = await tx.query<{ node: number; told: boolean }>(UNNAME, [record.key]);
    await tx.query(DROP_NODES, [[...new Set(nodes.map(({ node }) => node))]]);
    await tx.query(TELL_AGAIN, [[...new Set(nodes.flatMap(({ node, told }) => (told ? node : [])))]]);
    const [entity] = await tx.query<{ key: number }>('select id as key from node where public_id = $1', [
      record.id,
    ]);
    if (entity !== undefined) await sayInvalidated(tx, { ...record, ...entity }, { by, at: marked.at });
  },
});
