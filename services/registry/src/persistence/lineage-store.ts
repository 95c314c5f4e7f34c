import type { Queryable, Statement } from '@weft/database';
import type { LineageStore, NodeTally, Related } from '../application/lineage-ports.js';
import type { ProvenanceRecord } from '../application/record-reader.js';
import { DELEGATION_ROLES } from '../domain/delegation.js';
import { FAR } from '../domain/lineage.js';
import { WITHDRAWER } from '../domain/withdrawal.js';
import { JOB_COLUMNS, jobsSaying, recordOfRow } from './job-records.js';
import { recordColumns } from './record-reader.js';
import { NODE_COLUMNS, nodeOfRow, type NodeRow } from './node-table.js';
import { isUuid } from './public-id.js';

// Thousands of rows a round: numbers are sent and read as one text, which costs half of what rows or arrays do.

type End = 'src' | 'dst';
const other = { src: 'dst', dst: 'src' } as const;

/** Rows of `edge` as `from to from to …`, those of other relations than $2 as `from -to`. */
const told = (from: End): string =>
  `string_agg(edge.${from} || case when $2::text[] is null or relation = any ($2) then ' ' else ' -' end || edge.${other[from]}, ' ')`;

/** What an agent did on behalf of another in some activity leads to nothing but that activity, which says so itself (ADR 31). */
const NAMED = `(relation <> 'ACTED_ON_BEHALF_OF' or role <> '${DELEGATION_ROLES.within}')`;
const WALKED = `${NAMED} and (relation <> 'WAS_ASSOCIATED_WITH' or role <> '${WITHDRAWER}')`;

/** Parameters: keys, relations or null, limit. Both directions are answered by an index alone. */
const edgesOf = (from: End, condition = ''): string => `
  select ${told(from)}
  from (
    select src, dst, relation from edge
    where ${from} = any ($1::bigint[]) and ${WALKED} ${condition}
    limit $3
  ) edge`;

const step = (name: string, text: string): Statement => ({
  name: `lineage-step-${name}`,
  text: `select (${text}) as edges`,
});

const STEPS = {
  UPSTREAM: step('upstream', edgesOf('src')),
  DOWNSTREAM: step('downstream', edgesOf('dst')),
  /** $4: the organizations whose edges are wanted. */
  OWN: step('downstream-own', edgesOf('dst', 'and organization_id = any ($4::uuid[])')),
};

const HIDDEN: Statement = {
  name: 'lineage-hidden',
  text: `select string_agg(id::text, ' ') as hidden from node where id = any ($1::bigint[]) and not readers && $2::uuid[]`,
};

/** Of a walk without a bound: it will need more rounds anyhow. */
const SCOUTED_BLINDLY = 100;
const MANY_HOPS = 1_000;
const SCOUTED_NODES = 800;
const SCOUTED_EDGES = 5 * SCOUTED_NODES;

// What a walk of so many hops comes to, a hidden stretch being one hop as for the walk itself: most need no more than that, and so a
// single round. Lazily: the limit ends the recursion, also in the middle of the edges of one node. `offset 0`: always looked up one
// by one. $2: hops, $3: nodes, $4: principals.
const scout = (name: string, from: End): Statement => ({
  name: `lineage-scout-${name}`,
  text: `
    with recursive reached (key, hop, hidden) as (
      select $1::bigint, 0, false
      union
      select edge.key, reached.hop + (not (reached.hidden and node.hidden))::int, node.hidden from reached
      cross join lateral (select ${other[from]} as key from edge where ${from} = reached.key and ${WALKED} offset 0) edge
      cross join lateral (select not readers && $4::uuid[] as hidden from node where id = edge.key offset 0) node
      where reached.hop < $2::int or reached.hidden
    ), scouted as materialized (select * from reached limit $3), expanded as materialized (
      select array(select distinct key from scouted where hop < $2 or hidden) as keys
    )
    select (
      select string_agg(edge.near || ' ' || edge.far, ' ') from (
        select ${from} as near, ${other[from]} as far from edge where ${from} = any ((select keys from expanded)::bigint[]) and ${WALKED}
        limit ${SCOUTED_EDGES + 1}
      ) edge
    ) as edges,
    (select array_to_string(keys, ' ') from expanded) as expanded,
    (select string_agg(case when hidden then '-' else '' end || key, ' ') from scouted) as judged`,
});

const SCOUTS = { UPSTREAM: scout('upstream', 'src'), DOWNSTREAM: scout('downstream', 'dst') };

const FIND: Statement = {
  name: 'lineage-find',
  text: `select ${NODE_COLUMNS} from node n where n.public_id = any ($1::uuid[]) and n.readers && $2::uuid[]`,
};

const NODES: Statement = {
  name: 'lineage-nodes',
  text: `select ${NODE_COLUMNS} from node n where n.id = any ($1::bigint[]) and n.readers && $2::uuid[]`,
};

const MATCHING: Statement = {
  name: 'lineage-matching',
  text: `select string_agg(id::text, ' ') as keys from node
    where id = any ($1::bigint[]) and ($2::text[] is null or kind = any ($2)) and ($3::text[] is null or subtype = any ($3))`,
};

const TALLY: Statement = {
  name: 'lineage-tally',
  text: `select kind, subtype, count(*)::int as count from node where id = any ($1::bigint[])
    group by kind, subtype order by kind, subtype`,
};

const RELATIONS: Statement = {
  name: 'lineage-relations',
  text: `select edge.src as "from", edge.dst as "to", edge.relation, edge.role
    from unnest($1::bigint[], $2::bigint[]) as pair (src, dst)
    cross join lateral (
      select src, dst, relation, role from edge
      where edge.src = pair.src and edge.dst = pair.dst and ($3::text[] is null or relation = any ($3))
    ) edge`,
};

// `offset 0`: looked up edge by edge, never by reading all agents.
const AGENTS: Statement = {
  name: 'lineage-agents',
  text: `select edge.src as "from", agent.id as "to"
    from (select src, dst from edge where src = any ($1::bigint[]) and ${NAMED}) edge
    cross join lateral (select id, kind, readers from node where id = edge.dst offset 0) agent
    where agent.kind = 'AGENT' and agent.readers && $2::uuid[]`,
};

const RECORDS_OF_A_LINK = 20;
const RECORDS: Statement = {
  name: 'lineage-records',
  text: `select link.place::int as place, stating.*
    from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[])
      with ordinality as link (src, dst, relation, role, place)
    cross join lateral (
      (select ${recordColumns('$5')}
      from record_edge
      join record r on r.id = record_edge.record
      where record_edge.src = link.src and record_edge.dst = link.dst and record_edge.relation = link.relation
        and record_edge.role = link.role and r.readers && $5::uuid[]
      order by r.id
      limit ${RECORDS_OF_A_LINK})
      union all
      (select ${JOB_COLUMNS}
      from (select link.src, link.dst, link.relation, link.role) e
      cross join lateral ${jobsSaying('$5')})
      limit ${RECORDS_OF_A_LINK}
    ) stating`,
};

export const lineageStore = (database: Queryable): LineageStore => ({
  async find({ principals }, ids) {
    const rows = await database.query<NodeRow>(FIND, [ids.filter(isUuid), principals]);
    const found = new Map(rows.map((row) => [row.id, nodeOfRow(row)]));
    return new Map(
      ids.flatMap((id) => {
        const node = found.get(id.toLowerCase());
        return node === undefined ? [] : [[id, node] as const];
      }),
    );
  },

  // Edges and rights take equally long, and do not wait for each other.
  async step({ principals, organizations }, { direction, relations, ownOnly }, { expand, judge }, limit) {
    const [edges, hidden] = await Promise.all([
      expand.length === 0
        ? []
        : database.query<{ edges: string | null }>(ownOnly ? STEPS.OWN : STEPS[direction], [
            ...[arrayOf(expand), relations, limit + 1],
            ...(ownOnly ? [organizations] : []),
          ]),
      judge.length === 0
        ? []
        : database.query<{ hidden: string | null }>(HIDDEN, [arrayOf(judge), principals]),
    ]);
    const known = numbersIn(edges[0]?.edges);
    if (known.length > 2 * limit) return undefined;
    return { edges: known, hidden: new Set(numbersIn(hidden[0]?.hidden)) };
  },

  async scout({ principals }, direction, start, depth) {
    const [hops, nodes] = depth === FAR ? [MANY_HOPS, SCOUTED_BLINDLY] : [depth, SCOUTED_NODES];
    const [row] = await database.query<{ edges: string | null; expanded: string; judged: string }>(
      SCOUTS[direction],
      [start, hops, nodes, principals],
    );
    const edges = numbersIn(row?.edges);
    const known = edges.length > 2 * SCOUTED_EDGES ? new Map<number, number[]>() : edgesByNode(edges);
    const expanded = new Set(edges.length > 2 * SCOUTED_EDGES ? [] : numbersIn(row?.expanded));
    return new Map(
      numbersIn(row?.judged).map((key) => {
        const node = Math.abs(key);
        return [node, { visible: key > 0, edges: expanded.has(node) ? (known.get(node) ?? []) : undefined }];
      }),
    );
  },

  async nodes({ principals }, keys) {
    const rows = await database.query<NodeRow>(NODES, [arrayOf(keys), principals]);
    return new Map(rows.map((row) => [row.key, nodeOfRow(row)]));
  },

  async matching(keys, { kinds, subtypes }) {
    const [row] = await database.query<{ keys: string | null }>(MATCHING, [arrayOf(keys), kinds, subtypes]);
    return new Set(numbersIn(row?.keys));
  },

  tally: (keys) => database.query<NodeTally & object>(TALLY, [arrayOf(keys)]),

  relations: (pairs, relations) =>
    database.query<Related>(RELATIONS, [
      arrayOf(pairs.map(({ from }) => from)),
      arrayOf(pairs.map(({ to }) => to)),
      relations,
    ]),

  agentsOf: ({ principals }, keys) => database.query(AGENTS, [arrayOf(keys), principals]),

  async recordsOf({ principals }, links) {
    const rows = await database.query<ProvenanceRecord & { readonly place: number }>(RECORDS, [
      links.map(({ from }) => from),
      links.map(({ to }) => to),
      links.map(({ relation }) => relation),
      links.map(({ role }) => role),
      principals,
    ]);
    const records = Map.groupBy(rows.map(recordOfRow), ({ place }) => place);
    return links.map((_, index) => records.get(index + 1) ?? []);
  },
});

const arrayOf = (keys: readonly number[]): string => `{${keys.join(',')}}`;

function edgesByNode(edges: readonly number[]): Map<number, number[]> {
  const byNode = new Map<number, number[]>();
  for (let at = 0; at < edges.length; at += 2) {
    const [from, to] = [edges[at] as number, edges[at + 1] as number];
    const known = byNode.get(from);
    if (known === undefined) byNode.set(from, [from, to]);
    else known.push(from, to);
  }
  return byNode;
}

/** Reads `12 -3 456`, which is most of what the service does for a long walk: digit by digit, in a third of the time of `split`. */
function numbersIn(text: string | null | undefined): number[] {
  const numbers: number[] = [];
  if (text === null || text === undefined) return numbers;
  let number = 0;
  let sign = 1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= ZERO) number = number * 10 + code - ZERO;
    else if (code === MINUS) sign = -1;
    else {
      numbers.push(sign * number);
      number = 0;
      sign = 1;
    }
  }
  numbers.push(sign * number);
  return numbers;
}

const ZERO = 48;
const MINUS = 45;
