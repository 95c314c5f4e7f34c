import { randomUUID } from 'node:crypto';
import type { Database } from '@weft/database';
import type { Direction } from '../domain/lineage.js';
import type { NodeKind, Relation } from '../domain/node.js';
import { ACME, RIVAL } from './finished-jobs.js';

/** A graph of provenance as a test draws it: names, and edges from the later to the earlier. */
export interface Drawing {
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
}

export interface DrawnNode {
  readonly name: string;
  readonly hidden?: boolean;
  readonly kind?: NodeKind;
  readonly subtype?: string;
}

export interface DrawnEdge {
  readonly from: string;
  readonly to: string;
  readonly relation?: Relation;
  readonly role?: string;
}

export interface Planted {
  idOf(name: string): string;
  nameOf(id: string): string;
}

/** `a > b > c` are edges from a to b and from b to c; names with capital letters are hidden. */
export function drawn(...chains: readonly string[]): Drawing {
  const paths = chains.map((chain) => chain.split('>').map((name) => name.trim()));
  const names = [...new Set(paths.flat())];
  const edges = paths.flatMap((path) => path.slice(1).map((to, at) => ({ from: path[at] as string, to })));
  return { nodes: names.map((name) => ({ name, hidden: name !== name.toLowerCase() })), edges };
}

/** Puts a drawing into the database: what is not hidden is for members of ACME. Later nodes of the drawing are newer. */
export async function plant(database: Database, { nodes, edges }: Drawing): Promise<Planted> {
  const ids = new Map<string, string>(nodes.map(({ name }) => [name, randomUUID()]));
  const names = new Map([...ids].map(([name, id]) => [id, name]));
  await database.query(
    `insert into node (public_id, kind, subtype, organization_id, revision, name, facts, readers, search)
     select n.id, n.kind, n.subtype, n.organization, 1, n.name, '{}', array[n.organization], ''
     from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[]) with ordinality
       as n (id, kind, subtype, organization, name, place)
     order by n.place`,
    [
      [...ids.values()],
      nodes.map(({ kind }) => kind ?? 'ENTITY'),
      nodes.map(({ subtype }) => subtype ?? 'DATA'),
      nodes.map(({ hidden }) => (hidden === true ? RIVAL : ACME)),
      nodes.map(({ name }) => name),
    ],
  );
  await database.query(
    `insert into edge (src, dst, relation, role, organization_id)
     select src.id, dst.id, e.relation, e.role, src.organization_id
     from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) as e (src, dst, relation, role)
     join node src on src.public_id = e.src
     join node dst on dst.public_id = e.dst
     on conflict do nothing`,
    [
      edges.map(({ from }) => ids.get(from)),
      edges.map(({ to }) => ids.get(to)),
      edges.map(({ relation }) => relation ?? 'WAS_DERIVED_FROM'),
      edges.map(({ role }) => role ?? ''),
    ],
  );
  return {
    idOf: (name) => ids.get(name) ?? name,
    nameOf: (id) => names.get(id) ?? id,
  };
}

export interface Expected {
  /** Name → hop, without the start. */
  readonly hops: Readonly<Record<string, number>>;
  readonly hiddenParts: number;
  /** `from relation/role to` between visible nodes, sorted. */
  readonly links: readonly string[];
  /** Of each hidden part, `< name` for what is later and `> name` for what is earlier, sorted. */
  readonly stubs: readonly string[];
}

const hiddenOf = ({ nodes }: Drawing): ReadonlySet<string> =>
  new Set(nodes.flatMap(({ name, hidden: is }) => (is === true ? [name] : [])));
const relationOf = (edge: DrawnEdge): string => edge.relation ?? 'WAS_DERIVED_FROM';

/** How far everything is, what is hidden too: by trying every edge until nothing changes. */
export function hopsOf(
  drawing: Drawing,
  start: string,
  direction: Direction,
  depth: number,
  asked: (edge: DrawnEdge) => boolean,
): ReadonlyMap<string, number> {
  const { edges } = drawing;
  const hidden = hiddenOf(drawing);
  const hops = new Map([[start, 0]]);
  for (let changed = true; changed;) {
    changed = false;
    for (const edge of edges) {
      const [one, other] = direction === 'UPSTREAM' ? [edge.from, edge.to] : [edge.to, edge.from];
      if (!asked(edge) && !hidden.has(one) && !hidden.has(other)) continue;
      const hop = (hops.get(one) ?? Infinity) + (hidden.has(one) && hidden.has(other) ? 0 : 1);
      if (hop > depth || hop >= (hops.get(other) ?? Infinity)) continue;
      hops.set(other, hop);
      changed = true;
    }
  }
  return hops;
}

/** What a lineage has to be, by the plainest means: parts by merging names. */
export function expected(
  drawing: Drawing,
  start: string,
  direction: Direction,
  depth: number,
  relations: readonly string[] | null,
): Expected {
  const { edges } = drawing;
  const asked = (edge: DrawnEdge): boolean => relations === null || relations.includes(relationOf(edge));
  const hidden = hiddenOf(drawing);
  const hops = hopsOf(drawing, start, direction, depth, asked);
  const part = new Map([...hops.keys()].filter((name) => hidden.has(name)).map((name) => [name, name]));
  for (const { from, to } of edges) {
    const [one, other] = [part.get(from), part.get(to)];
    if (one === undefined || other === undefined) continue;
    for (const [name, of] of part) if (of === other) part.set(name, one);
  }
  const visible = new Set([...hops.keys()].filter((name) => !hidden.has(name)));
  const around = new Map([...new Set(part.values())].map((name) => [name, new Set<string>()]));
  for (const { from, to } of edges) {
    if (part.has(from) && visible.has(to)) around.get(part.get(from) as string)?.add(`> ${to}`);
    if (part.has(to) && visible.has(from)) around.get(part.get(to) as string)?.add(`< ${from}`);
  }
  return {
    hops: Object.fromEntries([...hops].filter(([name]) => visible.has(name) && name !== start)),
    hiddenParts: around.size,
    links: [
      ...new Set(
        edges
          .filter((edge) => visible.has(edge.from) && visible.has(edge.to) && asked(edge))
          .map((edge) => `${edge.from} ${relationOf(edge)}/${edge.role ?? ''} ${edge.to}`),
      ),
    ].sort(),
    stubs: [...around.values()].map((some) => [...some].sort().join(', ')).sort(),
  };
}
