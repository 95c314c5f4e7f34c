// What the questions for datasets and agents, and lists of some kinds only, have to answer: by the plainest means.
import fc from 'fast-check';
import { DATASET_SUBTYPES, type Direction, type LineageFilter } from '../domain/lineage.js';
import type { NodeKind, Relation } from '../domain/node.js';
import { hopsOf, type Drawing, type DrawnEdge, type DrawnNode } from './lineage-graph.js';

const THINGS: readonly { readonly kind: NodeKind; readonly subtype: string }[] = [
  ...['DATASET', 'DATA', 'RESULT', 'IMPORTED', 'SERVICE_VERSION', 'RECORD'].map((subtype) => ({
    kind: 'ENTITY' as const,
    subtype,
  })),
  ...['JOB', 'IMPORTED'].map((subtype) => ({ kind: 'ACTIVITY' as const, subtype })),
  ...['USER', 'SOFTWARE_AGENT', 'IMPORTED'].map((subtype) => ({ kind: 'AGENT' as const, subtype })),
];
/** Not WAS_GENERATED_BY, of which the database keeps one of a thing. */
const FOLLOWED = [
  'USED', 'WAS_DERIVED_FROM', 'WAS_ATTRIBUTED_TO', 'WAS_ASSOCIATED_WITH', 'WAS_INFLUENCED_BY',
] as const satisfies readonly Relation[]; // prettier-ignore

/** Things of all kinds in graphs of any form: rings, several relations between the same two, none hidden, half, 99 of 100. */
export const typedGraphs: fc.Arbitrary<Drawing> = fc
  .tuple(fc.integer({ min: 2, max: 30 }), fc.constantFrom(0, 0.3, 0.7, 0.99))
  .chain(([size, share]) =>
    fc.record({
      nodes: fc.array(
        fc.record({
          thing: fc.constantFrom(...THINGS),
          chance: fc.double({ min: 0, max: 0.999, noNaN: true }),
        }),
        {
          minLength: size,
          maxLength: size,
        },
      ),
      edges: fc.array(
        fc.record({
          from: fc.nat(size - 1),
          to: fc.nat(size - 1),
          relations: fc.subarray([...FOLLOWED], { minLength: 1, maxLength: 2 }),
        }),
        { maxLength: 3 * size },
      ),
      share: fc.constant(share),
    }),
  )
  .map(({ nodes, edges, share }) => ({
    nodes: nodes.map(({ thing, chance }, at): DrawnNode => ({
      name: `n${at}`,
      ...thing,
      hidden: at !== 0 && chance < share,
    })),
    edges: edges.flatMap(({ from, to, relations }) =>
      relations.map((relation): DrawnEdge => ({ from: `n${from}`, to: `n${to}`, relation })),
    ),
  }));

export interface Listed {
  readonly name: string;
  readonly hop: number;
  readonly isTarget: boolean;
}

export interface TargetWish {
  readonly direction: Direction;
  readonly depth: number | null;
  readonly withPaths: boolean;
}

const fits = ({ kind, subtype }: DrawnNode, { kinds, subtypes }: LineageFilter): boolean =>
  (kinds === null || kinds.includes(kind ?? 'ENTITY')) &&
  (subtypes === null || subtypes.includes(subtype ?? 'DATA'));

/** What is left of a lineage when it was walked and some kinds are taken out. */
export function filteredLineage(
  drawing: Drawing,
  direction: Direction,
  depth: number | null,
  filter: LineageFilter,
): Listed[] {
  const hops = hopsOf(drawing, 'n0', direction, depth ?? Infinity, () => true);
  return inOrder(drawing, hops, (node) => (fits(node, filter) ? 'TARGET' : null));
}

export const datasetsOf = (drawing: Drawing, wish: TargetWish): Listed[] =>
  targetsOf(
    drawing,
    wish,
    (node) => fits(node, { kinds: ['ENTITY'], subtypes: DATASET_SUBTYPES }),
    new Map(),
  );

/** Downstream also who is named by what is there, though nothing leads downstream to him. */
export function agentsOf(drawing: Drawing, wish: TargetWish): Listed[] {
  const isAgent = (node: DrawnNode): boolean => node.kind === 'AGENT';
  const named = new Map<string, number>();
  if (wish.direction === 'DOWNSTREAM') {
    const hops = hopsOf(drawing, 'n0', 'DOWNSTREAM', wish.depth ?? Infinity, () => true);
    for (const { from, to } of drawing.edges) {
      const hop = hops.get(from);
      const agent = drawing.nodes.find(({ name }) => name === to);
      if (hop !== undefined && agent !== undefined && isAgent(agent) && agent.hidden !== true && to !== 'n0')
        named.set(to, Math.min(hop + 1, named.get(to) ?? Infinity));
    }
  }
  return targetsOf(drawing, wish, isAgent, named);
}

function targetsOf(
  drawing: Drawing,
  { direction, depth, withPaths }: TargetWish,
  isTarget: (node: DrawnNode) => boolean,
  named: ReadonlyMap<string, number>,
): Listed[] {
  const walked = hopsOf(drawing, 'n0', direction, depth ?? Infinity, () => true);
  const nearest = (name: string, hop: number): number => Math.min(hop, walked.get(name) ?? Infinity);
  const hops = new Map([...walked, ...[...named].map(([name, hop]) => [name, nearest(name, hop)] as const)]);
  const targets = new Set(
    drawing.nodes.flatMap((node) =>
      node.hidden !== true &&
      node.name !== 'n0' &&
      ((walked.has(node.name) && isTarget(node)) || named.has(node.name))
        ? [node.name]
        : [],
    ),
  );
  // What was walked, and leads on to a target or names one.
  const leading = new Set(targets);
  for (const { from, to } of drawing.edges) if (named.has(to) && walked.has(from)) leading.add(from);
  for (const end of leading)
    for (const { from, to } of drawing.edges) {
      const [before, after] = direction === 'UPSTREAM' ? [from, to] : [to, from];
      if (after === end && walked.has(end) && walked.has(before)) leading.add(before);
    }
  return inOrder(drawing, hops, ({ name }) => {
    if (targets.has(name)) return 'TARGET';
    return withPaths && leading.has(name) ? 'BETWEEN' : null;
  });
}

/** Hop by hop, the newest first; without the start and without what is hidden. */
function inOrder(
  { nodes }: Drawing,
  hops: ReadonlyMap<string, number>,
  as: (node: DrawnNode) => 'TARGET' | 'BETWEEN' | null,
): Listed[] {
  return nodes
    .flatMap((node, at) => {
      const { name, hidden } = node;
      const [hop, role] = [hops.get(name), as(node)];
      return hop === undefined || role === null || hidden === true || name === 'n0'
        ? []
        : [{ at, name, hop, isTarget: role === 'TARGET' }];
    })
    .sort((one, other) => one.hop - other.hop || other.at - one.at)
    .map(({ name, hop, isTarget }) => ({ name, hop, isTarget }));
}
