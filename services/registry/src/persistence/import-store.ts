import type { Statement, Tx } from '@weft/database';
import type { ImportWork, NamedNode, NewImport } from '../application/import-ports.js';
import type { NodeKind } from '../domain/node.js';
import { ITEM_COLUMNS, itemOfRow, type ItemRow } from './item-rows.js';
import { isUuid } from './public-id.js';
import { writeNodes } from './statement-store.js';
import { lockStatements } from './turns.js';

const NAMED: Statement = {
  name: 'import-named',
  text: `
    select named.reference, n.id as key, n.public_id as id, n.kind, n.subtype, n.organization_id as "organizationId", n.registered
    from (
      select public_id::text as reference, id from node where public_id = any ($1::uuid[])
      union all select pid, node from item where pid = any ($2::text[])
    ) named join node n on n.id = named.id
    where n.readers && $3::uuid[]`,
};

const ITEMS = `select ${ITEM_COLUMNS} from item i join node n on n.id = i.node where i.node = any ($1::bigint[])`;

// Looked up node by node, as in statement-store.ts.
const STATED = `
  from jsonb_to_recordset($1::jsonb) as stated ("from" uuid, "to" uuid, relation text, role text, detail jsonb, record uuid, place integer)
  cross join lateral (select id from node where public_id = stated."from" limit 1) src
  cross join lateral (select id from node where public_id = stated."to" limit 1) dst`;

/** An entity that something has generated already is not generated again: of several the first, the others stay in the record's text. */
const EDGES: Statement = {
  name: 'import-edges',
  text: `insert into edge (src, dst, relation, role, organization_id)
    select src.id, dst.id, stated.relation, stated.role, $2 ${STATED}
    order by src.id, stated.place
    on conflict do nothing`,
};

const RECORD_EDGES: Statement = {
  name: 'import-record-edges',
  text: `insert into record_edge (record, src, dst, relation, role, detail)
    select record.id, edge.src, edge.dst, edge.relation, edge.role, stated.detail ${STATED}
    cross join lateral (select id from record where public_id = stated.record limit 1) record
    cross join lateral (
      select src, dst, relation, role from edge
      where edge.src = src.id and edge.dst = dst.id and edge.relation = stated.relation and edge.role = stated.role
      limit 1
    ) edge`,
};

const RECORDS: Statement = {
  name: 'import-records',
  text: `insert into record (public_id, organization_id, kind, name, lodged_by, readers, statements, parent, bundle_iri, notation, document)
    select told.id, $2, 'IMPORT', told.name, $3, $4::uuid[], told.statements,
      (select id from record where public_id = told.parent), told.bundle, told.notation, case when told.notation is not null then $5::bytea end
    from jsonb_to_recordset($1::jsonb)
      as told (id uuid, name text, statements integer, parent uuid, bundle text, notation text)`,
};

const RECORD_NODES: Statement = {
  name: 'import-record-nodes',
  text: `insert into record_node (record, node, told)
    select record.id, node.id, told.told
    from jsonb_to_recordset($1::jsonb) as told (record uuid, node uuid, told jsonb)
    cross join lateral (select id from record where public_id = told.record limit 1) record
    cross join lateral (select id from node where public_id = told.node limit 1) node`,
};

interface NamedRow {
  readonly reference: string;
  readonly key: number;
  readonly id: string;
  readonly kind: NodeKind;
  readonly subtype: string;
  readonly organizationId: string | null;
  readonly registered: boolean;
}

/** The imports of one transaction. */
export const importStore = (tx: Tx): ImportWork => ({
  async take(recordId, key) {
    const names = [
      ...(key === undefined ? [] : [`import-request ${key.organizationId} ${key.key}`]),
      `import ${recordId}`,
    ];
    for (const name of names) await tx.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [name]);
    if (key === undefined) return undefined;
    const [row] = await tx.query<{ record: string }>(
      'select record from import_request where organization_id = $1 and idempotency_key = $2',
      [key.organizationId, key.key],
    );
    return row?.record;
  },
  async keepKey({ organizationId, key }, recordId) {
    await tx.query(
      'insert into import_request (organization_id, idempotency_key, record) values ($1, $2, $3)',
      [organizationId, key, recordId],
    );
  },
  shareStatements: () => lockStatements(tx, 'adding'),
  async recordThere(recordId) {
    const [found] = await tx.query<{ withdrawn: boolean }>(
      'select withdrawn_at is not null as withdrawn from record where public_id = $1',
      [recordId],
    );
    return found === undefined ? 'NONE' : found.withdrawn ? 'WITHDRAWN' : 'STANDING';
  },
  async named(references, principals) {
    const rows = await tx.query<NamedRow>(NAMED, [
      references.filter(isUuid),
      references.filter((one) => !isUuid(one)).map(storable),
      principals,
    ]);
    const keys = rows.filter(({ registered }) => registered).map(({ key }) => key);
    const items = new Map(
      keys.length === 0
        ? []
        : (await tx.query<ItemRow>({ name: 'import-items', text: ITEMS }, [keys])).map((row) => [
            row.key,
            itemOfRow(row),
          ]),
    );
    return new Map(
      rows.map(({ reference, key, ...row }): [string, NamedNode] => [
        reference,
        { ...row, item: items.get(key) ?? null },
      ]),
    );
  },
  writeNodes: (nodes) => writeNodes(tx, nodes.map(storableIn)),
  async writeEdges(edges, organizationId) {
    if (edges.length > 0) await tx.query(EDGES, [JSON.stringify(edges), organizationId]);
  },
  async lodge(records) {
    const [{ organizationId, lodgedBy, readers, source }, ...bundles] = records as [
      NewImport,
      ...NewImport[],
    ];
    const text = 'text' in source ? Buffer.from(source.text) : null;
    const about = [organizationId, lodgedBy, readers, text];
    await tx.query(RECORDS, [JSON.stringify([recordOf(records[0] as NewImport)]), ...about]);
    if (bundles.length > 0) await tx.query(RECORDS, [JSON.stringify(bundles.map(recordOf)), ...about]);
    const nodes = records.flatMap(({ id, nodes: named }) =>
      named.map(({ id: node, told }) => storableIn({ record: id, node, told: told ?? {} })),
    );
    await tx.query(RECORD_NODES, [JSON.stringify(nodes)]);
    const edges = records
      .flatMap(({ id, edges: stated }) => stated.map((edge) => ({ ...edge, record: id })))
      .map((edge, place) => storableIn({ ...edge, place }));
    if (edges.length === 0) return;
    const values = JSON.stringify(edges);
    await tx.query(EDGES, [values, organizationId]);
    await tx.query(RECORD_EDGES, [values]);
  },
});

const recordOf = ({ id, name, statementCount, source }: NewImport) =>
  storableIn({
    id,
    name,
    statements: statementCount,
    ...('text' in source
      ? { notation: source.notation }
      : { parent: source.parentId, bundle: source.bundle }),
  });

/** PostgreSQL keeps no zero byte and no half character. */
const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');

const storableIn = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value), (_, part: unknown) =>
    typeof part === 'string' ? storable(part) : part,
  ) as T;
