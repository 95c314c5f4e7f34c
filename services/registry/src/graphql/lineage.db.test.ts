import { testDatabase, type TestDatabase } from '@weft/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { RELATIONS } from '../domain/node.js';
import { askerOf, type Asker } from '../testing/ask.js';
import {
  drawn,
  expected,
  plant,
  type Drawing,
  type Expected,
  type Planted,
} from '../testing/lineage-graph.js';
import {
  graphs,
  LINEAGE,
  pages,
  PATH,
  questions,
  told,
  type Answer,
  type Question,
} from '../testing/lineage-questions.js';

let database: TestDatabase;
let ask: Asker;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  ask = await askerOf(database);
});

const lineageOf = async (drawing: Drawing, question: Question): Promise<Expected> => {
  const planted = await plant(database, drawing);
  return told(planted, await pages(ask, planted, question));
};

const upstreamOf = (start: string, ...chains: readonly string[]) =>
  lineageOf(drawn(...chains), { start, direction: 'UPSTREAM' });

describe('lineage', () => {
  test('is what a naive walk through the whole graph says, on pages of any size', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, questions, async (drawing, question) => {
        const planted = await plant(database, drawing);
        const all = await pages(ask, planted, question);
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
          answers.push(anonymous(planted, await pages(ask, planted, question)));
        }
        expect(answers[1]).toEqual(answers[0]);
      }),
      { numRuns: 60 },
    );
  });
});

/** Every hidden node becomes a row, a fan and a ring of hidden nodes, registered in another order; what led to it leads to the first of them, what it led to follows the last. */
function grown({ nodes, edges }: Drawing, size: number): Drawing {
  const hidden = new Set(nodes.flatMap((node) => (node.hidden === true ? [node.name] : [])));
  const inside = (name: string): string[] => Array.from({ length: size }, (_, at) => `${name}-${at}`);
  const first = (name: string): string => (hidden.has(name) ? `${name}-0` : name);
  const last = (name: string): string => (hidden.has(name) ? `${name}-${size - 1}` : name);
  return {
    nodes: [
      ...nodes.filter(({ name }) => !hidden.has(name)),
      ...[...hidden].reverse().flatMap((name) => inside(name).map((one) => ({ name: one, hidden: true }))),
    ],
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

describe('what is hidden', () => {
  test.each<[string, readonly string[], Expected]>([
    [
      'a row of hidden nodes is one hop and one stub',
      ['a > H1 > H2 > H3 > b > c'],
      {
        hops: { b: 2, c: 3 },
        hiddenParts: 1,
        links: ['b WAS_DERIVED_FROM/ c'],
        stubs: ['< a, > b'],
      },
    ],
    [
      'a diamond is one stub',
      ['a > H1 > H2 > b', 'H1 > H3 > b'],
      { hops: { b: 2 }, hiddenParts: 1, links: [], stubs: ['< a, > b'] },
    ],
    [
      'two ways into the same part are one stub, although no way leads from the one to the other',
      ['a > H1 > H3 > b', 'a > H2 > H3'],
      { hops: { b: 2 }, hiddenParts: 1, links: [], stubs: ['< a, > b'] },
    ],
    [
      'parts that do not touch are two',
      ['a > H1 > b', 'a > H2 > c'],
      { hops: { b: 2, c: 2 }, hiddenParts: 2, links: [], stubs: ['< a, > b', '< a, > c'] },
    ],
    [
      'a way that can be seen is taken first if it is not longer',
      ['a > b > c', 'a > H1 > c'],
      {
        hops: { b: 1, c: 2 },
        hiddenParts: 1,
        links: ['a WAS_DERIVED_FROM/ b', 'b WAS_DERIVED_FROM/ c'],
        stubs: ['< a, > c'],
      },
    ],
    [
      'a ring of hidden nodes ends',
      ['a > H1 > H2 > H1'],
      { hops: {}, hiddenParts: 1, links: [], stubs: ['< a'] },
    ],
  ])('%s', async (_, chains, answer) => {
    expect(await upstreamOf('a', ...chains)).toEqual(answer);
  });

  test('may be everything but the start', async () => {
    const planted = await plant(database, drawn('a > H1 > H2', 'H1 > H3', 'a > H4'));
    const [answer] = await pages(ask, planted, { start: 'a', direction: 'UPSTREAM' });
    expect(answer).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, endCursor: null },
      counts: { total: 0, hiddenParts: 2, byHop: [], byKind: [], bySubtype: [] },
      links: [
        { from: planted.idOf('a'), to: 'hidden-1', relation: null, role: null },
        { from: planted.idOf('a'), to: 'hidden-2', relation: null, role: null },
      ],
      linksComplete: true,
      stubs: [{ name: 'hidden-1' }, { name: 'hidden-2' }],
      truncation: null,
    });
  });

  test('as a start is as if it were not there, and so is what is no id', async () => {
    const planted = await plant(database, drawn('A > b > c'));
    for (const start of [planted.idOf('A'), '00000000-0000-4000-8000-000000000000', 'nonsense', "';--"]) {
      expect(await ask.data(LINEAGE, { input: { start, direction: 'UPSTREAM' } })).toEqual({ lineage: null });
      const input = { from: planted.idOf('b'), to: start, direction: 'DOWNSTREAM' };
      expect(await ask.data(PATH, { input })).toEqual({ lineagePath: null });
    }
  });

  test('is 99 of 100 nodes, and is gone through all the same', async () => {
    const size = 600;
    const drawing: Drawing = {
      nodes: Array.from({ length: size }, (_, at) => ({ name: `n${at}`, hidden: at % 100 !== 0 })),
      edges: Array.from({ length: 3 * size }, (_, at) => ({
        from: `n${at % size}`,
        to: `n${((at % size) + 1 + ((at * 37) % 61)) % size}`,
      })),
    };
    for (const direction of ['UPSTREAM', 'DOWNSTREAM'] as const) {
      const found = await lineageOf(drawing, { start: 'n0', direction, first: 2 });
      expect(found).toEqual(expected(drawing, 'n0', direction, Infinity, null));
      expect(Object.keys(found.hops)).toHaveLength(5);
    }
  });

  test('is no place in a list: a cursor made of it is as good as any other that was made up', async () => {
    const planted = await plant(database, drawn('a > H1 > b', 'a > c > d'));
    const cursor = (id: string) => Buffer.from(JSON.stringify([1, id])).toString('base64url');
    const refusals = async (after: string) =>
      ask.refusals(LINEAGE, { input: { start: planted.idOf('a'), direction: 'UPSTREAM', after } });
    const refused = ['The cursor is not one that this list gave.'];
    expect(await refusals(cursor(planted.idOf('H1')))).toEqual(refused);
    expect(await refusals(cursor('00000000-0000-4000-8000-000000000000'))).toEqual(refused);
    expect(await refusals('x')).toEqual(refused);
    expect(await refusals(cursor(planted.idOf('c')))).toEqual([]);
  });

  test.each([
    [
      'items',
      'query ($after: String, $id: ID!) { items(after: $after) { edges { cursor } } item(id: $id) { id } }',
      [],
    ],
    [
      'the way on from an item',
      'query ($after: String, $id: ID!) { item(id: $id) { upstream(after: $after) { edges { cursor } } } }',
      ['WAS_DERIVED_FROM', ''],
    ],
    [
      'what others found',
      'query ($after: String, $id: ID!) { searchItems(text: "a", after: $after) { edges { cursor } } item(id: $id) { id } }',
      null,
    ],
  ])('nor in another list: %s', async (_list, query, rest) => {
    const planted = await plant(database, drawn('a > H1 > b', 'a > c > d'));
    const cursor = (id: string) =>
      Buffer.from(JSON.stringify(rest === null ? ['0.5', id] : [id, ...rest])).toString('base64url');
    const refusals = async (id: string) =>
      ask.refusals(query, { id: planted.idOf('a'), after: cursor(planted.idOf(id)) });
    expect(await refusals('H1')).toEqual(['The cursor is not one that this list gave.']);
    expect(await refusals('c')).toEqual([]);
  });

  test('is not told by asking for one relation after the other', async () => {
    const drawing: Drawing = {
      nodes: [{ name: 'a' }, { name: 'H', hidden: true }, { name: 'b' }],
      edges: [
        { from: 'a', to: 'H', relation: 'USED' },
        { from: 'H', to: 'b', relation: 'WAS_GENERATED_BY' },
      ],
    };
    const planted = await plant(database, drawing);
    const answers = new Set<string>();
    for (const relation of RELATIONS)
      answers.add(
        JSON.stringify(
          await pages(ask, planted, { start: 'a', direction: 'UPSTREAM', relations: [relation] }),
        ),
      );
    expect(answers.size).toBe(1);
  });
});
