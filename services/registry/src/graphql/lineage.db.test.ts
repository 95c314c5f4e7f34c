import { testDatabase, type TestDatabase } from '@weft/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import type { Direction } from '../domain/lineage.js';
import { RELATIONS } from '../domain/node.js';
import { askerOf, type Asker } from '../testing/ask.js';
import {
  drawn,
  expected,
  plant,
  type Drawing,
  type DrawnNode,
  type Expected,
  type Planted,
} from '../testing/lineage-graph.js';

const LINEAGE = `query ($input: LineageInput!) { lineage(input: $input) {
  edges { cursor hop isTarget node { id name } }
  pageInfo { hasNextPage endCursor }
  counts { total hiddenParts byHop { hop count } byKind { kind count } bySubtype { kind subtype count } }
  links { from to relation role } linksComplete stubs { name } truncation { reason } } }`;

interface Answer {
  readonly edges: readonly {
    readonly cursor: string;
    readonly hop: number;
    readonly node: { readonly name: string };
  }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly counts: {
    readonly total: number;
    readonly hiddenParts: number;
    readonly byHop: readonly { readonly hop: number; readonly count: number }[];
  };
  readonly links: readonly {
    readonly from: string;
    readonly to: string;
    readonly relation: string | null;
    readonly role: string | null;
  }[];
  readonly linksComplete: boolean;
  readonly stubs: readonly { readonly name: string }[];
  readonly truncation: { readonly reason: string } | null;
}

interface Question {
  readonly start: string;
  readonly direction: Direction;
  readonly depth?: number | null;
  readonly relations?: readonly string[] | null;
  readonly first?: number;
}

let database: TestDatabase;
let ask: Asker;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  ask = await askerOf(database);
});

/** Every page of a lineage. */
async function pages(planted: Planted, question: Question): Promise<Answer[]> {
  const found: Answer[] = [];
  for (let after: string | null = null, more = true; more;) {
    const input = { ...question, start: planted.idOf(question.start), after };
    const { lineage }: { lineage: Answer } = await ask.data(LINEAGE, { input });
    found.push(lineage);
    after = lineage.pageInfo.endCursor;
    more = lineage.pageInfo.hasNextPage;
  }
  return found;
}

/** All pages as one, by names, as the oracle has it. */
function told(planted: Planted, all: readonly Answer[]): Expected {
  const around = new Map(
    all.flatMap(({ stubs }) => stubs.map(({ name }) => [name, new Set<string>()] as const)),
  );
  const links: string[] = [];
  for (const { from, to, relation, role } of all.flatMap((one) => one.links)) {
    const [later, earlier] = [planted.nameOf(from), planted.nameOf(to)];
    around.get(from)?.add(`> ${earlier}`);
    around.get(to)?.add(`< ${later}`);
    if (relation !== null) links.push(`${later} ${relation}/${role ?? ''} ${earlier}`);
  }
  return {
    hops: Object.fromEntries(all.flatMap((one) => one.edges.map(({ hop, node }) => [node.name, hop]))),
    hiddenParts: all[0]?.counts.hiddenParts ?? -1,
    links: links.sort(),
    stubs: [...around.values()].map((some) => [...some].sort().join(', ')).sort(),
  };
}

const lineageOf = async (drawing: Drawing, question: Question): Promise<Expected> => {
  const planted = await plant(database, drawing);
  return told(planted, await pages(planted, question));
};

const upstreamOf = (start: string, ...chains: readonly string[]) =>
  lineageOf(drawn(...chains), { start, direction: 'UPSTREAM' });

const graphs = fc
  .integer({ min: 2, max: 24 })
  .chain((size) =>
    fc.record({
      hidden: fc.oneof(
        fc.array(fc.boolean(), { minLength: size, maxLength: size }),
        fc.constant(Array.from({ length: size }, (_, at) => at !== size - 1)),
        fc.constant(Array.from({ length: size }, () => false)),
      ),
      edges: fc.array(
        fc.record({
          from: fc.nat(size - 1),
          to: fc.nat(size - 1),
          relation: fc.constantFrom('USED', 'WAS_DERIVED_FROM', 'ALTERNATE_OF'),
          role: fc.constantFrom('', 'data'),
        }),
        { maxLength: 3 * size },
      ),
    }),
  )
  .map(
    ({
      hidden,
      edges,
    }): Drawing & { readonly edges: readonly { relation: (typeof RELATIONS)[number] }[] } => ({
      nodes: hidden.map((is, at): DrawnNode => ({ name: `n${at}`, hidden: is && at !== 0 })),
      edges: edges.map(({ from, to, relation, role }) => ({
        from: `n${from}`,
        to: `n${to}`,
        relation: relation as (typeof RELATIONS)[number],
        role,
      })),
    }),
  );

const questions = fc.record({
  start: fc.constant('n0'),
  direction: fc.constantFrom<Direction>('UPSTREAM', 'DOWNSTREAM'),
  depth: fc.option(fc.integer({ min: 1, max: 5 })),
  relations: fc.option(fc.subarray(['USED', 'WAS_DERIVED_FROM', 'ALTERNATE_OF'])),
  first: fc.integer({ min: 1, max: 8 }),
});

describe('lineage', () => {
  test('is what a naive walk through the whole graph says, on pages of any size', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, questions, async (drawing, question) => {
        const planted = await plant(database, drawing);
        const all = await pages(planted, question);
        const { start, direction, depth, relations } = question;
        expect(told(planted, all)).toEqual(expected(drawing, start, direction, depth ?? Infinity, relations));
        const names = all.flatMap((one) => one.edges.map(({ node }) => node.name));
        expect(new Set(names).size).toBe(names.length);
        expect(all.every(({ counts }) => counts.total === names.length)).toBe(true);
        expect(all.every(({ linksComplete, truncation }) => linksComplete && truncation === null)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('says the same of a hidden node and of whatever may be in its place', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, questions, fc.integer({ min: 2, max: 5 }), async (drawing, question, size) => {
        const answers: unknown[] = [];
        for (const one of [drawing, grown(drawing, size)]) {
          const planted = await plant(database, one);
          answers.push(anonymous(planted, await pages(planted, question)));
        }
        expect(answers[1]).toEqual(answers[0]);
      }),
      { numRuns: 60 },
    );
  });
});

/** Every hidden node becomes a row, a fan and a ring of hidden nodes; what led to it leads to the first of them, what it led to follows the last. */
function grown({ nodes, edges }: Drawing, size: number): Drawing {
  const hidden = new Set(nodes.flatMap((node) => (node.hidden === true ? [node.name] : [])));
  const inside = (name: string): string[] => Array.from({ length: size }, (_, at) => `${name}-${at}`);
  const first = (name: string): string => (hidden.has(name) ? `${name}-0` : name);
  const last = (name: string): string => (hidden.has(name) ? `${name}-${size - 1}` : name);
  return {
    nodes: nodes.flatMap((node) =>
      hidden.has(node.name) ? inside(node.name).map((name) => ({ name, hidden: true })) : [node],
    ),
    edges: [
      ...edges.map((edge) => ({ ...edge, from: last(edge.from), to: first(edge.to) })),
      ...[...hidden].flatMap((name) => {
        const all = inside(name);
        const [begin, end] = [all[0] as string, all.at(-1) as string];
        return all.slice(1).flatMap((to, at) => [
          { from: all[at] as string, to },
          { from: begin, to },
          { from: end, to: begin },
        ]);
      }),
    ],
  };
}

/** An answer with names for ids, also in its cursors. */
const anonymous = (planted: Planted, answers: readonly Answer[]): unknown =>
  JSON.parse(
    JSON.stringify(answers, (key, value: unknown) => {
      if (typeof value !== 'string') return value;
      if (/cursor$/i.test(key)) {
        const [hop, id] = JSON.parse(Buffer.from(value, 'base64url').toString()) as [number, string];
        return `${hop} ${planted.nameOf(id)}`;
      }
      return planted.nameOf(value);
    }),
  );
