import type { Queryable, Statement } from '@weft/database';
import type { Hop, HopRequest, ProvenanceReader } from '../application/ports.js';
import type { Relation } from '../domain/node.js';
import { keyAfter, readPosition } from './cursor.js';
import { NODE_COLUMNS, nodeOfRow, type NodeRow } from './node-table.js';

interface HopRow extends NodeRow {
  readonly origin: number;
  readonly relation: Relation;
  readonly role: string;
}

// Parameters of both: keys, principals, relation or null, after (key, relation, role or nulls), limit, the roles or
// null, the roles left out or null; downstream also the organizations.
const UPSTREAM: Statement = {
  name: 'hops-upstream',
  text: `
    select origin.key as origin, hop.*
    from unnest($1::bigint[]) as origin (key)
    cross join lateral (
      select edge.relation, edge.role, ${NODE_COLUMNS}
      from edge
      join node n on n.id = edge.dst
      where edge.src = origin.key
        and n.readers && $2::uuid[]
        and ($3::text is null or edge.relation = $3)
        and ($8::text[] is null or edge.role = any ($8))
        and ($9::text[] is null or edge.role <> all ($9))
        and ($4::bigint is null or
          (edge.dst, edge.relation, edge.role) > ($4, $5::text, $6::text))
      order by edge.dst, edge.relation, edge.role
      limit $7
    ) hop
    order by origin.key, hop.key, hop.relation, hop.role`,
};

/** Edges of other organizations that are looked at for each node; beyond them only those of the reader's own are found. */
const MOST_OF_OTHERS = 2_000;

const LISTED = `($3::text is null or edge.relation = $3)
            and ($8::text[] is null or edge.role = any ($8))
            and ($9::text[] is null or edge.role <> all ($9))
            and ($4::bigint is null or
              (edge.src, edge.relation, edge.role) < ($4, $5::text, $6::text))`;

// `offset 0`: looked up one by one, never by reading all nodes.
// Of the reader's organizations one by one, newest first, so that the index gives each in order and the merge is short. Of all
// others a bounded stretch of the same index: rights decide which of it is shown, and what the whole platform uses costs no more.
const DOWNSTREAM: Statement = {
  name: 'hops-downstream',
  text: `
    select origin.key as origin, hop.*
    from unnest($1::bigint[]) as origin (key)
    cross join lateral (
      select found.relation, found.role, ${NODE_COLUMNS}
      from (
        select of_one.*
        from unnest($10::uuid[]) as organization (id)
        cross join lateral (
          select edge.src, edge.relation, edge.role
          from edge
          join node n on n.id = edge.src
          where edge.dst = origin.key and edge.organization_id = organization.id and n.readers && $2::uuid[]
            and ${LISTED}
          order by edge.src desc, edge.relation desc, edge.role desc
          limit $7
        ) of_one
        union all
        select edge.src, edge.relation, edge.role
        from (
          select src, relation, role from edge
          where dst = origin.key and organization_id <> all ($10::uuid[])
          limit ${MOST_OF_OTHERS}
        ) edge
        where ${LISTED}
      ) found
      cross join lateral (select * from node where id = found.src offset 0) n
      where n.readers && $2::uuid[]
      order by found.src desc, found.relation desc, found.role desc
      limit $7
    ) hop
    order by origin.key, hop.key desc, hop.relation desc, hop.role desc`,
};

/** One hop from many nodes in one statement. */
export const hopStore = (database: Queryable): Pick<ProvenanceReader, 'hops'> => ({
  async hops({ principals, organizations }, keys, request: HopRequest) {
    const { id, rest } = readPosition(request.after, 3);
    const { role } = request;
    const upstream = request.direction === 'UPSTREAM';
    const rows = await database.query<HopRow>(upstream ? UPSTREAM : DOWNSTREAM, [
      keys,
      principals,
      request.relation ?? null,
      await keyAfter(database, 'node', principals, id),
      rest[0] ?? null,
      rest[1] ?? null,
      request.first + 1,
      role !== undefined && 'only' in role ? role.only : null,
      role !== undefined && 'without' in role ? role.without : null,
      ...(upstream ? [] : [organizations]),
    ]);
    const hops = new Map<number, Hop[]>(keys.map((key) => [key, []]));
    for (const row of rows)
      hops.get(row.origin)?.push({ relation: row.relation, role: row.role, node: nodeOfRow(row) });
    return hops;
  },
});
