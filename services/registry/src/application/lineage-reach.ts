import type { Direction } from '../domain/lineage.js';
import type { LineageStore } from './lineage-ports.js';
import type { Viewer } from './ports.js';
import { LineageBudget, walkLineage } from './walk-lineage.js';

export type LineageDirection = Direction | 'BOTH';

export interface LineageReach {
  /** Keys of nodes that the viewer may read, the start first, then the nearest. */
  readonly keys: readonly number[];
  readonly truncated: boolean;
}

/** How far a lineage reaches, in one walk or two; as in lineage itself, hidden nodes are gone through and left out. */
export async function lineageReach(
  store: LineageStore,
  viewer: Viewer,
  start: number,
  direction: LineageDirection,
  depth: number,
  most: number,
): Promise<LineageReach> {
  const ways: readonly Direction[] = direction === 'BOTH' ? ['UPSTREAM', 'DOWNSTREAM'] : [direction];
  const budgets = { all: new LineageBudget(), own: new LineageBudget() };
  const hops = new Map<number, number>([[start, 0]]);
  let truncated = false;
  for (const way of ways) {
    const trail = { direction: way, relations: null, ownOnly: false };
    const { reach, shortfall } = await walkLineage(store, viewer, start, trail, { depth }, budgets);
    for (const { key, hop } of reach.placed) hops.set(key, Math.min(hop, hops.get(key) ?? hop));
    truncated ||= shortfall !== null;
  }
  const nearest = [...hops].sort(([, one], [, other]) => one - other).map(([key]) => key);
  return { keys: nearest.slice(0, most), truncated: truncated || nearest.length > most };
}
