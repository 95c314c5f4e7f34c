// The statements of records: what they are, and how they are changed.
import type { Statement, Tx } from '@weft/database';
import type { ModelRunWork } from '../application/model-run-ports.js';
import type { LodgedEdge } from '../domain/lodged-activity.js';
import { edgeKey, type AssertionChange, type Assertions } from '../domain/statement-diff.js';
import { writeNodes } from './statement-store.js';
import { lockStatements } from './turns.js';

// `limit 1` makes it look each one up, as in statement-store.ts.
const TOLD_EDGES = `
    from jsonb_to_recordset($1::jsonb) as told (record uuid, "from" uuid, "to" uuid, relation text, role text, detail jsonb)
    cross join lateral (select id, organization_id from record where public_id = told.record limit 1) r
    cross join lateral (select id, organization_id from node where public_id = told."from" limit 1) src
    cross join lateral (select id from node where public_id = told."to" limit 1) dst`;
const TOLD_NODES = `
    from jsonb_to_recordset($2::jsonb) as told (record uuid, node uuid)
    cross join lateral (select id from record where public_id = told.record limit 1) r
    cross join lateral (select id from node where public_id = told.node limit 1) n`;

const LOCK_OUTPUTS: Statement = {
  name: 'run-lock-outputs',
  text: `
    with named as (
      select id from node where public_id = any ($2::uuid[])
      union
      select e.src from record r join record_edge e on e.record = r.id
      where r.public_id = any ($1::uuid[]) and e.relation = 'WAS_GENERATED_BY'
    )
    select n.public_id as id, i.pid, n.organization_id as "organizationId", n.readers
    from item i join node n on n.id = i.node
    where i.node in (select id from named)
    order by i.node
    for no key update of i`,
};

// The records themselves, and those by which its outputs, or the records of these, came to be. `offset 0` throughout: looked up
// one by one. A plan is kept for as long as its connection; one of the time before there were records read all statements.
const RECORDED: Statement = {
  name: 'run-recorded',
  text: `
    with mine as (
      select id from record where public_id = any ($1::uuid[])
    ), outputs as (
      select id from node where public_id = any ($2::uuid[])
      union
      select e.src from mine cross join lateral (
        select src from record_edge where record = mine.id and relation = 'WAS_GENERATED_BY' offset 0
      ) e
    ), said_of as (
      select id from outputs
      union
      select n.id from outputs
      cross join lateral (select src from edge where dst = outputs.id and relation = 'SPECIALIZATION_OF' offset 0) e
      cross join lateral (select id from node where id = e.src and subtype = 'RECORD' offset 0) n
    ), concerned as (
      select id from mine
      union
      select r.id from said_of
      cross join lateral (select record from record_edge where src = said_of.id and relation = 'WAS_GENERATED_BY' offset 0) e
      cross join lateral (select id from record where id = e.record and kind in ('CREATE', 'VERSION') offset 0) r
    )
    select r.public_id as record,
      (select coalesce(json_agg(n.public_id), '[]') from record_node held
       cross join lateral (select public_id from node where id = held.node offset 0) n
       where held.record = concerned.id) as nodes,
      (select coalesce(json_agg(json_build_object(
          'from', src.public_id, 'relation', held.relation, 'to', dst.public_id, 'role', held.role, 'detail', held.detail)), '[]')
       from record_edge held
       cross join lateral (select public_id from node where id = held.src offset 0) src
       cross join lateral (select public_id from node where id = held.dst offset 0) dst
       where held.record = concerned.id) as edges
    from concerned cross join lateral (select public_id from record where id = concerned.id offset 0) r`,
};

// What no record says the registry says itself: items, and what it recorded of jobs.
const STANDING: Statement = {
  name: 'run-standing',
  text: `
    select null::text as key, n.public_id as node,
      (select count(*) from record_node held where held.node = n.id)
        + case when n.registered or not exists (select from record_node held where held.node = n.id) then 1 else 0 end as count
    from node n where n.public_id = any ($2::uuid[])
    union all
    select told.key, null,
      greatest(1, (select count(*) from record_edge held
       where (held.src, held.dst, held.relation, held.role) = (src.id, dst.id, told.relation, told.role)))
    from jsonb_to_recordset($1::jsonb) as told (key text, "from" uuid, "to" uuid, relation text, role text)
    cross join lateral (select id from node where public_id = told."from" limit 1) src
    cross join lateral (select id from node where public_id = told."to" limit 1) dst
    where exists (select from edge e
      where (e.src, e.dst, e.relation, e.role) = (src.id, dst.id, told.relation, told.role))`,
};

const KEEP_RECORDS: Statement = {
  name: 'run-keep-records',
  text: `
    insert into record (public_id, organization_id, kind, item, name, lodged_by, job_id, readers)
    select told.id, told.organization_id, 'MODEL_RUN', item.id, told.name, told.lodged_by, told.job_id, told.readers
    from jsonb_to_recordset($1::jsonb)
      as told (id uuid, organization_id uuid, item uuid, name text, lodged_by uuid, job_id uuid, readers uuid[])
    cross join lateral (select id from node where public_id = told.item limit 1) item
    on conflict (public_id) do update set lodged_by = excluded.lodged_by, job_id = excluded.job_id, lodged_at = now()`,
};

// Rows are looked up one by one and deleted where they were found: whatever the planner takes for the number of statements,
// it must not read the tables for them. Nobody moves these rows meanwhile: what an edge begins at is locked.
const TAKE_BACK: Statement = {
  name: 'record-take-back',
  text: `
    with nodes as (
      delete from record_node where ctid = any (array(
        select held.ctid ${TOLD_NODES}
        cross join lateral (select h.ctid from record_node h where (h.record, h.node) = (r.id, n.id) limit 1) held))
    )
    delete from record_edge where ctid = any (array(
      select held.ctid ${TOLD_EDGES}
      cross join lateral (
        select e.ctid from record_edge e
        where (e.record, e.src, e.dst, e.relation, e.role) = (r.id, src.id, dst.id, told.relation, told.role) limit 1
      ) held))`,
};

const DROP_EDGES: Statement = {
  name: 'record-drop-edges',
  text: `
    delete from edge where ctid = any (array(
      select found.ctid ${TOLD_EDGES}
      cross join lateral (
        select e.ctid from edge e
        where (e.src, e.dst, e.relation, e.role) = (src.id, dst.id, told.relation, told.role) limit 1
      ) found
      where (select true from record_edge held
        where (held.src, held.dst, held.relation, held.role) = (src.id, dst.id, told.relation, told.role) limit 1) is null))`,
};

const ASSERT: Statement = {
  name: 'record-assert',
  text: `
    with said as (
      select r.id as record, src.id as src, dst.id as dst, told.relation, told.role, told.detail,
        coalesce(src.organization_id, r.organization_id) as organization_id ${TOLD_EDGES}
    ), edges as (
      insert into edge (src, dst, relation, role, organization_id)
      select distinct src, dst, relation, role, organization_id from said order by src, dst on conflict do nothing
    ), nodes as (
      insert into record_node (record, node) select r.id, n.id ${TOLD_NODES} on conflict do nothing
    )
    insert into record_edge (record, src, dst, relation, role, detail)
    select record, src, dst, relation, role, detail from said`,
};

const DROP_NODES: Statement = {
  name: 'record-drop-nodes',
  text: `
    delete from node n
    where n.public_id = any ($1::uuid[]) and n.subtype = 'RECORD' and not n.registered
      and not exists (select from record_node held where held.node = n.id)
      and not exists (select from edge e where e.src = n.id)
      and not exists (select from edge e where e.dst = n.id)`,
};

interface RecordedRow extends Assertions {
  readonly record: string;
}

interface StandingRow {
  readonly key: string | null;
  readonly node: string | null;
  readonly count: number;
}

export const recordStatements = (
  tx: Tx,
): Pick<
  ModelRunWork,
  'lockStatements' | 'lockOutputs' | 'recorded' | 'standing' | 'keepRecords' | 'applyChanges'
> => ({
  lockStatements: (how) => lockStatements(tx, how),
  lockOutputs: (recordIds, datasetIds) => tx.query(LOCK_OUTPUTS, [recordIds, datasetIds]),
  async recorded(recordIds, datasetIds) {
    const rows = await tx.query<RecordedRow>(RECORDED, [recordIds, datasetIds]);
    return new Map(rows.map(({ record, nodes, edges }) => [record, { nodes, edges: edges.map(edgeOfRow) }]));
  },
  async standing(changes) {
    const both = changes.flatMap(({ added, removed }) => [added, removed]);
    const edges = new Map(both.flatMap((some) => some.edges.map((edge) => [edgeKey(edge), edge])));
    const rows = await tx.query<StandingRow>(STANDING, [
      JSON.stringify([...edges].map(([key, edge]) => ({ key, ...edge }))),
      [...new Set(both.flatMap(({ nodes }) => nodes))],
    ]);
    const counted = (of: 'key' | 'node') =>
      new Map(rows.flatMap((row) => (row[of] === null ? [] : [[row[of], Number(row.count)] as const])));
    return { edges: counted('key'), nodes: counted('node') };
  },
  async keepRecords(records) {
    const told = records.map(({ organizationId, itemId, lodgedBy, jobId, ...record }) => ({
      ...{ ...record, organization_id: organizationId, item: itemId, lodged_by: lodgedBy, job_id: jobId },
    }));
    await tx.query(KEEP_RECORDS, [JSON.stringify(told)]);
  },
  async applyChanges(changes, nodes) {
    const removed = recordsOf(changes, 'removed');
    await writeNodes(tx, nodes);
    if (removed.any) {
      await tx.query(TAKE_BACK, [removed.edges, removed.nodes]);
      await tx.query(DROP_EDGES, [removed.edges]);
    }
    const added = recordsOf(changes, 'added');
    if (added.any) await tx.query(ASSERT, [added.edges, added.nodes]);
    const gone = changes.flatMap((change) => change.removed.nodes);
    if (gone.length > 0) await tx.query(DROP_NODES, [gone]);
  },
});

/** Relations that nothing is said of beside have no detail. */
function edgeOfRow({
  detail,
  ...edge
}: LodgedEdge & { readonly detail?: LodgedEdge['detail'] | null }): LodgedEdge {
  return detail === null || detail === undefined ? edge : { ...edge, detail };
}

function recordsOf(changes: readonly AssertionChange[], side: 'added' | 'removed') {
  const edges = changes.flatMap(({ record, [side]: some }) =>
    some.edges.map((edge) => ({ record, ...edge })),
  );
  const nodes = changes.flatMap(({ record, [side]: some }) => some.nodes.map((node) => ({ record, node })));
  return { edges: JSON.stringify(edges), nodes: JSON.stringify(nodes), any: edges.length + nodes.length > 0 };
}
