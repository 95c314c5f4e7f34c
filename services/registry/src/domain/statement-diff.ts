// What it takes to bring the statements of records from what they are to what they are to be. Pure; persistence applies it.
import type { LodgedEdge } from './lodged-activity.js';

/** What one record asserts: nodes by public id, and statements. */
export interface Assertions {
  readonly nodes: readonly string[];
  readonly edges: readonly LodgedEdge[];
}

/** By public id of the record. */
export type RecordedGraph = ReadonlyMap<string, Assertions>;

export interface AssertionChange {
  readonly record: string;
  readonly added: Assertions;
  readonly removed: Assertions;
}

/** The eight things that a change of a record may do to the graph. */
export const DIFF_ACTIONS = [
  'ADD_NODE',
  'REMOVE_NODE',
  'ADD_EDGE',
  'REMOVE_EDGE',
  'ADD_RECORD_TO_NODE',
  'REMOVE_RECORD_FROM_NODE',
  'ADD_RECORD_TO_EDGE',
  'REMOVE_RECORD_FROM_EDGE',
] as const;
export type DiffActionKind = (typeof DIFF_ACTIONS)[number];

export interface DiffAction {
  readonly action: DiffActionKind;
  /** The record that asserts, or asserted; null for what concerns the graph itself. */
  readonly record: string | null;
  /** Public id; null where it is about a statement. */
  readonly node: string | null;
  readonly edge: LodgedEdge | null;
}

/** How many stand behind a node or a statement now; whatever is not in it has nobody. */
export interface Standing {
  readonly nodes: ReadonlyMap<string, number>;
  /** By {@link edgeKey}. */
  readonly edges: ReadonlyMap<string, number>;
}

export const edgeKey = ({ from, relation, to, role }: LodgedEdge): string =>
  [from, relation, to, role].join('\n');

/** The same statement with other details is another assertion of it. */
const assertionKey = (edge: LodgedEdge): string =>
  `${edgeKey(edge)}\n${JSON.stringify(Object.entries(edge.detail ?? {}).toSorted())}`;

export const NOTHING_ASSERTED: Assertions = { nodes: [], edges: [] };

const without = <T>(some: readonly T[], others: readonly T[], key: (one: T) => string): T[] => {
  const taken = new Set(others.map(key));
  return [...new Map(some.map((one) => [key(one), one])).values()].filter((one) => !taken.has(key(one)));
};

/** Record by record; a record of which nothing changes is left out. What is not in `wanted` shall assert nothing. */
export function changesBetween(held: RecordedGraph, wanted: RecordedGraph): AssertionChange[] {
  const minus = (one: Assertions, other: Assertions): Assertions => ({
    nodes: without(one.nodes, other.nodes, (node) => node),
    edges: without(one.edges, other.edges, assertionKey),
  });
  return [...new Set([...held.keys(), ...wanted.keys()])]
    .map((record) => {
      const [before, after] = [held, wanted].map((graph) => graph.get(record) ?? NOTHING_ASSERTED);
      return {
        record,
        added: minus(after as Assertions, before as Assertions),
        removed: minus(before as Assertions, after as Assertions),
      };
    })
    .filter(({ added, removed }) =>
      [added, removed].some(({ nodes, edges }) => nodes.length + edges.length > 0),
    );
}

/**
 * What a change does to the graph, in an order in which it can be done: first what goes, then what comes. A node or a
 * statement goes with the last one who stood behind it, and not before.
 */
export function actionsOf(changes: readonly AssertionChange[], standing: Standing): DiffAction[] {
  const nodes = tally(
    changes,
    standing.nodes,
    ({ nodes: some }) => some,
    (node) => node,
  );
  const edges = tally(changes, standing.edges, ({ edges: some }) => some, edgeKey);
  const ofRecords = (side: 'added' | 'removed', edgeAction: DiffActionKind, nodeAction: DiffActionKind) =>
    changes.flatMap(({ record, [side]: some }) => [
      ...some.edges.map((edge) => ({ action: edgeAction, record, node: null, edge })),
      ...some.nodes.map((node) => ({ action: nodeAction, record, node, edge: null })),
    ]);
  const ofGraph = (of: typeof nodes | typeof edges, which: 'comes' | 'goes', action: DiffActionKind) =>
    of[which].map((one) => ({
      action,
      record: null,
      ...(typeof one === 'string' ? { node: one, edge: null } : { node: null, edge: one }),
    }));
  return [
    ...ofRecords('removed', 'REMOVE_RECORD_FROM_EDGE', 'REMOVE_RECORD_FROM_NODE'),
    ...ofGraph(edges, 'goes', 'REMOVE_EDGE'),
    ...ofGraph(nodes, 'goes', 'REMOVE_NODE'),
    ...ofGraph(nodes, 'comes', 'ADD_NODE'),
    ...ofGraph(edges, 'comes', 'ADD_EDGE'),
    ...ofRecords('added', 'ADD_RECORD_TO_EDGE', 'ADD_RECORD_TO_NODE'),
  ];
}

/** Of what the changes touch: what has somebody behind it afterwards and had nobody before, and the other way round. */
function tally<T>(
  changes: readonly AssertionChange[],
  before: ReadonlyMap<string, number>,
  take: (some: Assertions) => readonly T[],
  key: (one: T) => string,
): { readonly comes: readonly T[]; readonly goes: readonly T[] } {
  const touched = new Map<string, { one: T; after: number }>();
  const count = (one: T, by: number): void => {
    const known = touched.get(key(one)) ?? { one, after: before.get(key(one)) ?? 0 };
    touched.set(key(one), { one: known.one, after: known.after + by });
  };
  for (const { added, removed } of changes) {
    for (const one of take(removed)) count(one, -1);
    for (const one of take(added)) count(one, 1);
  }
  const stood = ([name]: readonly [string, unknown]): boolean => (before.get(name) ?? 0) > 0;
  const all = [...touched];
  return {
    comes: all.filter((entry) => !stood(entry) && entry[1].after > 0).map(([, { one }]) => one),
    goes: all.filter((entry) => stood(entry) && entry[1].after <= 0).map(([, { one }]) => one),
  };
}
