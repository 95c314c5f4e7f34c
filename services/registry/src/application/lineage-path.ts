import type { Direction } from '../domain/lineage.js';
import { shortestWay, type WayPoint } from '../domain/lineage-way.js';
import type { ProvenanceNode } from '../domain/node.js';
import { stubName, type LineageLink, type ShownPart, type Truncation } from './lineage-answer.js';
import type { LineageStore } from './lineage-ports.js';
import type { Viewer } from './ports.js';
import { walkLineage, type LineageBudget } from './walk-lineage.js';

export interface LineagePathStep {
  /** Null: a hidden stretch. */
  readonly node: ProvenanceNode | null;
  /** Name of the stub that stands for the hidden stretch. */
  readonly stub: string | null;
}

/** A shortest way from one node to another. */
export interface LineagePath {
  /** From the one to the other, both with them; empty when there is no way. */
  readonly steps: readonly LineagePathStep[];
  readonly links: readonly LineageLink[];
  readonly shown: ShownPart;
  readonly truncation: Truncation | null;
}

export interface PathSearch {
  readonly from: string;
  readonly to: string;
  readonly direction: Direction;
  readonly maxDepth: number;
}

/** Looks from the later of the two: of what something came from there is less than of what came of it. Null: the viewer may not read both. */
export async function lineagePath(
  store: LineageStore,
  viewer: Viewer,
  budgets: { readonly all: LineageBudget; readonly own: LineageBudget },
  { from, to, direction, maxDepth }: PathSearch,
): Promise<LineagePath | null> {
  const ends = await store.find(viewer, [from, to]);
  const [later, earlier] = (direction === 'UPSTREAM' ? [from, to] : [to, from]).map(
    (id) => ends.get(id)?.key,
  );
  if (later === undefined || earlier === undefined) return null;
  const trail = { direction: 'UPSTREAM', relations: null, ownOnly: false } as const;
  const bounds = { depth: maxDepth, until: earlier };
  const { walk, reach, shortfall } = await walkLineage(store, viewer, later, trail, bounds, budgets);
  const way = shortestWay(walk, earlier);
  const truncation =
    shortfall === null || way.length > 0 ? null : { reason: shortfall, completeHops: reach.hops };
  return { ...(await told(store, viewer, way, direction)), truncation };
}

async function told(
  store: LineageStore,
  viewer: Viewer,
  way: readonly WayPoint[],
  direction: Direction,
): Promise<Omit<LineagePath, 'truncation'>> {
  const keys = way.flatMap((point) => (point === 'HIDDEN' ? [] : [point]));
  const pairs = way.flatMap((point, at) => {
    const next = way[at + 1];
    return point === 'HIDDEN' || next === undefined || next === 'HIDDEN' ? [] : [{ from: point, to: next }];
  });
  const [nodes, related] = [await store.nodes(viewer, keys), await store.relations(pairs, null)];
  if (keys.some((key) => !nodes.has(key))) return { steps: [], links: [], shown: partOf([], []) };
  let parts = 0;
  const steps = (direction === 'UPSTREAM' ? way : way.toReversed()).map((point): LineagePathStep => {
    if (point === 'HIDDEN') return { node: null, stub: stubName((parts += 1)) };
    return { node: nodes.get(point) ?? null, stub: null };
  });
  const upstream = direction === 'UPSTREAM' ? steps : steps.toReversed();
  const name = (at: number): string => upstream[at]?.node?.id ?? upstream[at]?.stub ?? '';
  const links = way.slice(1).flatMap((_, at): LineageLink[] => {
    const ends = { from: name(at), to: name(at + 1) };
    const between = related.filter(({ from, to }) => from === way[at] && to === way[at + 1]);
    return between.length === 0
      ? [{ ...ends, related: null }]
      : between.map((one) => ({ ...ends, related: one }));
  });
  return { steps, links, shown: partOf(keys, pairs) };
}

function partOf(keys: readonly number[], pairs: readonly { from: number; to: number }[]): ShownPart {
  const next = new Map(pairs.map(({ from, to }) => [from, to]));
  return { keys, shows: ({ from, to }) => next.get(from) === to, complete: true };
}
