import { FAR, LINEAGE_LIMITS } from '../domain/lineage.js';
import {
  LineageWalk,
  type Learned,
  type Reach,
  type WalkBounds,
  type Wanted,
} from '../domain/lineage-walk.js';
import type { LineageStore, Trail } from './lineage-ports.js';
import type { Viewer } from './ports.js';

/** What the walks of one request may still read. Shared, so that a list of a hundred walks costs no more than one. */
export class LineageBudget {
  edges: number = LINEAGE_LIMITS.edges;
  rounds: number = LINEAGE_LIMITS.rounds;
}

/** Why an answer is not all there is. */
export type Shortfall = 'NODES' | 'WORK' | 'OWN_ONLY';

export interface Walked {
  readonly walk: LineageWalk;
  readonly reach: Reach;
  readonly trail: Trail;
  readonly shortfall: Shortfall | null;
}

/**
 * Walks from a node that the viewer may read until there is nothing more, or as far as a request may.
 * Downstream of something that the whole platform uses there is more than that: then once more, along what the viewer's
 * organizations say.
 */
export async function walkLineage(
  store: LineageStore,
  viewer: Viewer,
  start: number,
  trail: Trail,
  bounds: WalkBounds,
  budgets: { readonly all: LineageBudget; readonly own: LineageBudget },
): Promise<Walked> {
  const walk = new LineageWalk(start, bounds);
  if (await follow(store, viewer, walk, trail, bounds.depth, trail.ownOnly ? budgets.own : budgets.all)) {
    const reach = walk.reach();
    return { walk, reach, trail, shortfall: shortfallOf(reach, trail) };
  }
  if (trail.direction === 'DOWNSTREAM' && !trail.ownOnly)
    return walkLineage(store, viewer, start, { ...trail, ownOnly: true }, bounds, budgets);
  return { walk, reach: walk.reach(), trail, shortfall: trail.ownOnly ? 'OWN_ONLY' : 'WORK' };
}

const shortfallOf = ({ hops }: Reach, { ownOnly }: Trail): Shortfall | null => {
  if (ownOnly) return 'OWN_ONLY';
  return hops === FAR ? null : 'NODES';
};

/** False: the budget was spent before the walk had ended. */
async function follow(
  store: LineageStore,
  viewer: Viewer,
  walk: LineageWalk,
  trail: Trail,
  depth: number,
  budget: LineageBudget,
): Promise<boolean> {
  const step = await scouting(store, viewer, trail, walk, depth);
  for (let wanted = walk.next(); wanted !== undefined; wanted = walk.next()) {
    const learned = budget.rounds > 0 ? await step(wanted, Math.max(0, budget.edges)) : undefined;
    if (learned === undefined) {
      walk.end();
      return false;
    }
    budget.rounds -= 1;
    budget.edges -= learned.edges.length / 2;
    walk.learn(wanted, learned);
  }
  return true;
}

/**
 * Steps of a walk, of which the first are answered by one look around its start. A look of its own would be wasted where only
 * some relations are followed: it goes along all.
 */
async function scouting(
  store: LineageStore,
  viewer: Viewer,
  trail: Trail,
  walk: LineageWalk,
  depth: number,
): Promise<(wanted: Wanted, limit: number) => Promise<Learned | undefined>> {
  if (trail.ownOnly || trail.relations !== null)
    return (wanted, limit) => store.step(viewer, trail, wanted, limit);
  const scouted = await store.scout(viewer, trail.direction, walk.start.key, depth);
  return async (wanted, limit) => {
    const edges: number[] = [];
    const hidden = new Set<number>();
    const expand = wanted.expand.filter((key) => {
      const known = scouted.get(key)?.edges;
      for (const end of known ?? []) edges.push(end);
      return known === undefined;
    });
    const judge = wanted.judge.filter((key) => {
      const known = scouted.get(key);
      if (known?.visible === false) hidden.add(key);
      return known === undefined;
    });
    if (edges.length > 2 * limit) return undefined;
    if (expand.length === 0 && judge.length === 0) return { edges, hidden };
    const read = await store.step(viewer, trail, { expand, judge }, limit - edges.length / 2);
    if (read === undefined) return undefined;
    for (const end of read.edges) edges.push(end);
    for (const key of read.hidden) hidden.add(key);
    return { edges, hidden };
  };
}

/** Reads the edges of the nodes on the last hop, so that all links between what is shown are known. False: there are too many. */
export async function completeEdges(
  store: LineageStore,
  viewer: Viewer,
  { walk, reach, trail }: Walked,
  budget: LineageBudget,
): Promise<boolean> {
  const keys = reach.placed.map(({ key }) => key).filter((key) => walk.nodes.get(key)?.expanded === false);
  if (keys.length === 0) return true;
  const learned = await store.step(viewer, trail, { expand: keys, judge: [] }, Math.max(0, budget.edges));
  if (learned === undefined) return false;
  budget.edges -= learned.edges.length / 2;
  walk.complete(keys, learned.edges);
  return true;
}
