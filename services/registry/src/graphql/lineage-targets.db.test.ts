import { testDatabase, type TestDatabase } from '@weft/testkit';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import type { LineageFilter } from '../domain/lineage.js';
import { NODE_KINDS } from '../domain/node.js';
import { askerOf, type Asker } from '../testing/ask.js';
import { expected, plant, type Drawing, type Planted } from '../testing/lineage-graph.js';
import { LINEAGE, type Answer } from '../testing/lineage-questions.js';
import {
  agentsOf,
  datasetsOf,
  filteredLineage,
  typedGraphs,
  type Listed,
} from '../testing/lineage-targets.js';

let database: TestDatabase;
let ask: Asker;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  ask = await askerOf(database);
});

type Page = Omit<Answer, 'edges' | 'counts'> & {
  readonly edges: readonly {
    readonly hop: number;
    readonly isTarget: boolean;
    readonly node: { readonly name: string };
  }[];
  readonly counts: Answer['counts'] & {
    readonly byKind: readonly { readonly kind: string; readonly count: number }[];
    readonly bySubtype: readonly {
      readonly kind: string;
      readonly subtype: string;
      readonly count: number;
    }[];
  };
};

const allPages = async (page: (after: string | null) => Promise<Page>): Promise<Page[]> => {
  const found: Page[] = [];
  for (let after: string | null = null, more = true; more;) {
    const one = await page(after);
    found.push(one);
    after = one.pageInfo.endCursor;
    more = one.pageInfo.hasNextPage;
  }
  return found;
};

const listedOn = (found: readonly Page[]): Listed[] =>
  found.flatMap(({ edges }) => edges.map(({ hop, isTarget, node }) => ({ name: node.name, hop, isTarget })));

/** Counts on every page are those of the whole list. */
function expectCounts(
  { nodes }: Drawing,
  found: readonly Page[],
  list: readonly Listed[],
  hiddenParts: number,
): void {
  const tally = (keyOf: (one: Listed) => string): Record<string, number> =>
    Object.fromEntries([...Map.groupBy(list, keyOf)].map(([key, some]) => [key, some.length]));
  const things = new Map(nodes.map((node) => [node.name, node]));
  const kindOf = ({ name }: Listed): string => String(things.get(name)?.kind);
  for (const { counts } of found) {
    expect(counts.total).toBe(list.length);
    expect(counts.hiddenParts).toBe(hiddenParts);
    expect(Object.fromEntries(counts.byHop.map(({ hop, count }) => [hop, count]))).toEqual(
      tally(({ hop }) => String(hop)),
    );
    expect(Object.fromEntries(counts.byKind.map(({ kind, count }) => [kind, count]))).toEqual(tally(kindOf));
    expect(
      Object.fromEntries(counts.bySubtype.map(({ kind, subtype, count }) => [`${kind} ${subtype}`, count])),
    ).toEqual(tally((one) => `${kindOf(one)} ${String(things.get(one.name)?.subtype)}`));
  }
}

const directions = fc.constantFrom('UPSTREAM' as const, 'DOWNSTREAM' as const);
const filters: fc.Arbitrary<LineageFilter> = fc.record({
  kinds: fc.option(fc.subarray([...NODE_KINDS])),
  subtypes: fc.option(fc.subarray(['DATA', 'IMPORTED', 'JOB', 'USER', 'RECORD'])),
});

test('a list of some kinds is the walk of all with the others taken out, on pages of any size', async () => {
  await fc.assert(
    fc.asyncProperty(
      typedGraphs,
      directions,
      fc.option(fc.integer({ min: 1, max: 4 })),
      filters,
      fc.integer({ min: 1, max: 6 }),
      async (drawing, direction, depth, filter, first) => {
        const planted = await plant(database, drawing);
        const found = await allPages(async (after) => {
          const input = { start: planted.idOf('n0'), direction, depth, ...filter, first, after };
          return (await ask.data<{ lineage: Page }>(LINEAGE, { input })).lineage;
        });
        const list = filteredLineage(drawing, direction, depth, filter);
        expect(listedOn(found)).toEqual(list);
        const whole = expected(drawing, 'n0', direction, depth ?? Infinity, null);
        expectCounts(drawing, found, list, whole.hiddenParts);
        // Between what is listed, and no more.
        const names = new Set(['n0', ...list.map(({ name }) => name)]);
        expect(linksOn(planted, found)).toEqual(
          whole.links.filter((link) =>
            [link.split(' ')[0], link.split(' ')[2]].every((name) => names.has(String(name))),
          ),
        );
      },
    ),
    { numRuns: 100 },
  );
});

const linksOn = (planted: Planted, found: readonly Page[]): string[] =>
  found
    .flatMap(({ links }) => links)
    .flatMap(({ from, to, relation, role }) =>
      relation === null ? [] : [`${planted.nameOf(from)} ${relation}/${role ?? ''} ${planted.nameOf(to)}`],
    )
    .sort();

const QUESTIONS = [
  ['contributingDatasets', 'UPSTREAM', datasetsOf],
  ['effectedDatasets', 'DOWNSTREAM', datasetsOf],
  ['contributingAgents', 'UPSTREAM', agentsOf],
  ['effectedAgents', 'DOWNSTREAM', agentsOf],
] as const;

test.each(QUESTIONS)(
  '%s are what a naive walk finds, with and without the ways to them',
  async (field, direction, oracle) => {
    await fc.assert(
      fc.asyncProperty(
        typedGraphs,
        fc.oneof(
          fc.record({ withPaths: fc.constant(false), depth: fc.option(fc.integer({ min: 1, max: 4 })) }),
          fc.record({ withPaths: fc.constant(true), depth: fc.constant(null) }),
        ),
        fc.integer({ min: 1, max: 6 }),
        async (drawing, wish, first) => {
          const planted = await plant(database, drawing);
          const found = await allPages(async (after) => {
            const { lineage } = await ask.data<{ lineage: { start: { list: Page } } }>(
              `query ($input: LineageInput!, $first: Int, $after: String, $depth: Int, $withPaths: Boolean) { lineage(input: $input) { start {
              list: ${field}(first: $first, after: $after, depth: $depth, withPaths: $withPaths) {
                edges { cursor hop isTarget node { name } } pageInfo { hasNextPage endCursor }
                counts { total hiddenParts byHop { hop count } byKind { kind count } bySubtype { kind subtype count } } } } } }`,
              { input: { start: planted.idOf('n0'), direction }, first, after, ...wish },
            );
            return lineage.start.list;
          });
          const list = oracle(drawing, { ...wish, direction });
          expect(listedOn(found)).toEqual(list);
          expectCounts(
            drawing,
            found,
            list,
            expected(drawing, 'n0', direction, wish.depth ?? Infinity, null).hiddenParts,
          );
        },
      ),
      { numRuns: 80 },
    );
  },
);
