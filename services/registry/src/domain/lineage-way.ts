import { FAR } from './lineage.js';
import { isFollowed, leadingTo, type LineageWalk, type WalkedNode } from './lineage-walk.js';

/** A visible node by its key, or a stretch of hidden ones. */
export type WayPoint = number | 'HIDDEN';

/** A shortest way from the start of a walk to a node that it came to, both with it; empty when it did not. Of several the newest nodes', and rather one that can be seen. */
export function shortestWay(walk: LineageWalk, to: number): WayPoint[] {
  const way: WayPoint[] = [];
  let node = walk.nodes.get(to);
  if (node === undefined || node.hop === FAR || node.hop > walk.final) return [];
  while (node !== walk.start) {
    way.push(node.key);
    const seen = newest(before(node, true));
    if (seen !== undefined) {
      node = seen;
      continue;
    }
    way.push('HIDDEN');
    const stretch = new Set(before(node, false));
    for (const hidden of stretch)
      for (const { from } of leadingTo(hidden))
        if (from.visible === false && from.hop === hidden.hop) stretch.add(from);
    node = newest([...stretch].flatMap((hidden) => before(hidden, true)));
    if (node === undefined) return [];
  }
  way.push(node.key);
  return way.reverse();
}

/** The nodes one hop before. */
const before = (node: WalkedNode, visible: boolean): WalkedNode[] =>
  [...leadingTo(node)]
    .filter((edge) => edge.from.visible === visible && edge.from.hop === node.hop - 1 && isFollowed(edge))
    .map(({ from }) => from);

const newest = (nodes: readonly WalkedNode[]): WalkedNode | undefined =>
  nodes.reduce<WalkedNode | undefined>(
    (best, node) => (best === undefined || node.key > best.key ? node : best),
    undefined,
  );
