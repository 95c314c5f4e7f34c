import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LodgedEdge } from './lodged-activity.js';
import {
  actionsOf,
  changesBetween,
  edgeKey,
  type Assertions,
  type DiffAction,
  type RecordedGraph,
} from './statement-diff.js';

const node = fc.constantFrom('a', 'b', 'c', 'd');
const edge: fc.Arbitrary<LodgedEdge> = fc.record(
  {
    from: node,
    relation: fc.constantFrom('USED', 'WAS_GENERATED_BY'),
    to: node,
    role: fc.constantFrom('', 'x'),
    detail: fc.constantFrom<Record<string, string>>({ time: '1' }, { time: '2' }, {}),
  },
  { requiredKeys: ['from', 'relation', 'to', 'role'] },
);
/** A record has a statement once. */
const assertions: fc.Arbitrary<Assertions> = fc.record({
  nodes: fc.uniqueArray(node),
  edges: fc.uniqueArray(edge, { selector: edgeKey, maxLength: 6 }),
});
const graph = fc
  .dictionary(fc.constantFrom('r1', 'r2', 'r3'), assertions)
  .map((records): RecordedGraph => new Map(Object.entries(records)));

/** The graph as it is held: what is there, and who asserts it. */
class Held {
  readonly nodes = new Map<string, number>();
  readonly edges = new Map<string, number>();
  readonly records = new Map<string, string>();

  constructor(...graphs: readonly RecordedGraph[]) {
    for (const one of graphs)
      for (const [record, { nodes, edges }] of one) {
        for (const name of nodes) this.#assert(this.nodes, name, record, '');
        for (const said of edges) this.#assert(this.edges, edgeKey(said), record, detailOf(said));
      }
  }

  #assert(things: Map<string, number>, key: string, record: string, detail: string): void {
    things.set(key, (things.get(key) ?? 0) + 1);
    this.records.set(`${record} ${key}`, detail);
  }

  /** Does as it is told, and nothing that cannot be done. */
  apply({ action, record, node: name, edge: said }: DiffAction): void {
    const things = said === null ? this.nodes : this.edges;
    const key = said === null ? (name ?? '') : edgeKey(said);
    const mine = `${record} ${key}`;
    if (action.startsWith('REMOVE_RECORD')) {
      expect(this.records.delete(mine)).toBe(true);
      things.set(key, (things.get(key) ?? 0) - 1);
    } else if (action.startsWith('ADD_RECORD')) {
      expect(things.has(key)).toBe(true);
      expect(this.records.has(mine)).toBe(false);
      this.records.set(mine, said === null ? '' : detailOf(said));
      things.set(key, (things.get(key) ?? 0) + 1);
    } else if (action.startsWith('REMOVE')) {
      expect(things.get(key)).toBe(0);
      things.delete(key);
    } else {
      expect(things.has(key)).toBe(false);
      things.set(key, 0);
    }
  }
}

const detailOf = (said: LodgedEdge): string => JSON.stringify(said.detail ?? {});

const appliedTo = (held: Held, before: RecordedGraph, after: RecordedGraph): Held => {
  for (const action of actionsOf(changesBetween(before, after), held)) held.apply(action);
  return held;
};
const sorted = (held: Held): unknown =>
  [held.nodes, held.edges, held.records].map((some) => [...some].sort());

test('applied, the difference of two graphs makes the one of the other', () => {
  fc.assert(
    fc.property(graph, graph, (before, after) => {
      expect(sorted(appliedTo(new Held(before), before, after))).toEqual(sorted(new Held(after)));
    }),
    { numRuns: 300 },
  );
});

test('what other records assert survives, whatever becomes of one', () => {
  const others = graph.map(
    (some): RecordedGraph => new Map([...some].map(([name, one]) => [`o${name}`, one])),
  );
  fc.assert(
    fc.property(others, graph, graph, (rest, before, after) => {
      const held = appliedTo(new Held(rest, before), before, after);
      expect(sorted(held)).toEqual(sorted(new Held(rest, after)));
    }),
    { numRuns: 300 },
  );
});

test('between a graph and itself there is no difference', () => {
  fc.assert(
    fc.property(graph, (some) => {
      expect(changesBetween(some, new Map(some))).toEqual([]);
    }),
  );
});
