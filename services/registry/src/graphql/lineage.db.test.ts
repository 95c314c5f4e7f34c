import { testDatabase, type TestDatabase } from '@weft/testkit';
import fc from 'fast-check';
import pg from 'pg';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { registryDatabase } from '../context.js';
import type { Direction } from '../domain/lineage.js';
import { RELATIONS } from '../domain/node.js';
import { askerOf, member, type Asker } from '../testing/ask.js';
import { ACME, RIVAL } from '../testing/finished-jobs.js';
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

const PATH = `query ($input: LineagePathInput!) { lineagePath(input: $input) {
  hops steps { node { id name } stub { name } } links { from to relation role } truncation { reason } } }`;

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
    const [answer] = await pages(planted, { start: 'a', direction: 'UPSTREAM' });
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
        JSON.stringify(await pages(planted, { start: 'a', direction: 'UPSTREAM', relations: [relation] })),
      );
    expect(answers.size).toBe(1);
  });
});

describe('a list of lineage', () => {
  const study = async (): Promise<Planted> =>
    plant(database, {
      nodes: [
        { name: 'result', subtype: 'RESULT' },
        { name: 'run', kind: 'ACTIVITY', subtype: 'JOB' },
        { name: 'data', subtype: 'DATA' },
        { name: 'code', subtype: 'SERVICE_VERSION' },
        { name: 'ada', kind: 'AGENT', subtype: 'USER' },
        { name: 'bob', kind: 'AGENT', subtype: 'USER' },
        { name: 'worker', kind: 'AGENT', subtype: 'SOFTWARE_AGENT' },
        { name: 'earlier run', kind: 'ACTIVITY', subtype: 'JOB', hidden: true },
        { name: 'record', subtype: 'RECORD' },
        { name: 'imported', subtype: 'IMPORTED' },
      ],
      edges: [
        { from: 'result', to: 'run', relation: 'WAS_GENERATED_BY', role: 'result' },
        { from: 'run', to: 'data', relation: 'USED', role: 'data' },
        { from: 'run', to: 'data', relation: 'USED', role: 'params' },
        { from: 'run', to: 'code', relation: 'USED', role: 'code' },
        { from: 'run', to: 'worker', relation: 'WAS_ASSOCIATED_WITH', role: 'worker' },
        { from: 'worker', to: 'ada', relation: 'ACTED_ON_BEHALF_OF' },
        { from: 'data', to: 'earlier run', relation: 'WAS_GENERATED_BY' },
        { from: 'earlier run', to: 'imported', relation: 'USED' },
        { from: 'earlier run', to: 'bob', relation: 'WAS_ASSOCIATED_WITH' },
        { from: 'record', to: 'result', relation: 'WAS_DERIVED_FROM' },
      ],
    });
  const named = (answer: { edges: { hop: number; isTarget: boolean; node: { name: string } }[] }) =>
    answer.edges.map(({ hop, isTarget, node }) => `${hop} ${node.name}${isTarget ? '' : ' *'}`);

  test('takes out what is not asked for after the walk, and counts what it lists', async () => {
    const planted = await study();
    const input = {
      start: planted.idOf('result'),
      direction: 'UPSTREAM',
      kinds: ['ENTITY'],
      subtypes: ['IMPORTED', 'DATA'],
    };
    const { lineage } = await ask.data<{ lineage: Parameters<typeof named>[0] & Answer }>(LINEAGE, { input });
    expect(named(lineage)).toEqual(['2 data', '4 imported']);
    expect(lineage.counts).toEqual({
      total: 2,
      hiddenParts: 1,
      byHop: [
        { hop: 2, count: 1 },
        { hop: 4, count: 1 },
      ],
      byKind: [{ kind: 'ENTITY', count: 2 }],
      bySubtype: [
        { kind: 'ENTITY', subtype: 'DATA', count: 1 },
        { kind: 'ENTITY', subtype: 'IMPORTED', count: 1 },
      ],
    });
    expect(lineage.stubs).toEqual([{ name: 'hidden-1' }]);
  });

  test('follows the relations that are asked for only, and shows no others', async () => {
    const planted = await study();
    const question = {
      start: 'result',
      direction: 'UPSTREAM',
      relations: ['WAS_GENERATED_BY', 'USED'],
    } as const;
    const found = told(planted, await pages(planted, question));
    expect(found.hops).toEqual({ run: 1, data: 2, code: 2, bob: 4, imported: 4 });
    expect(found.links).not.toContainEqual(expect.stringContaining('WAS_ASSOCIATED_WITH'));
    expect(found.links).toContain('run USED/params data');
  });

  test.each([
    ['result', 'contributingDatasets', {}, ['2 data', '4 imported']],
    ['result', 'contributingDatasets', { withPaths: true }, ['1 run *', '2 data', '4 imported']],
    ['result', 'contributingDatasets', { depth: 2 }, ['2 data']],
    ['imported', 'effectedDatasets', {}, ['2 data', '4 result']],
    ['code', 'effectedDatasets', { withPaths: true }, ['1 run *', '2 result']],
    ['result', 'contributingAgents', {}, ['2 worker', '3 ada', '4 bob']],
    ['data', 'effectedAgents', {}, ['2 worker']],
    ['imported', 'effectedAgents', { withPaths: true }, ['2 bob', '2 data *', '3 run *', '4 worker']],
    ['ada', 'effectedAgents', {}, ['1 worker']],
  ])('of %s: %s %o', async (start, field, wish, names) => {
    const planted = await study();
    const wishes = Object.entries(wish).map(([name, value]) => `${name}: ${String(value)}`);
    const list = `(${['first: 50', ...wishes].join(', ')}) { edges { hop isTarget node { name } } counts { total } linksComplete links { from to } }`;
    const { lineage } = await ask.data<{
      lineage: { start: { list: Parameters<typeof named>[0] & { counts: { total: number } } } };
    }>(`query ($input: LineageInput!) { lineage(input: $input) { start { list: ${field}${list} } } }`, {
      input: { start: planted.idOf(start), direction: 'UPSTREAM' },
    });
    expect(named(lineage.start.list)).toEqual(names);
    expect(lineage.start.list.counts.total).toBe(names.length);
  });

  test('shows how the agents that something downstream names hang on it', async () => {
    const planted = await study();
    const { lineage } = await ask.data<{ lineage: { start: { effectedAgents: Answer } } }>(
      `query ($input: LineageInput!) { lineage(input: $input) { start { effectedAgents(withPaths: true) { links { from to relation role } } } } }`,
      { input: { start: planted.idOf('data'), direction: 'DOWNSTREAM' } },
    );
    const links = lineage.start.effectedAgents.links.map(
      ({ from, to, relation }) => `${planted.nameOf(from)} ${relation} ${planted.nameOf(to)}`,
    );
    expect(links.sort()).toEqual(['run USED data', 'run USED data', 'run WAS_ASSOCIATED_WITH worker']);
  });

  test('is refused beyond its bounds, with the argument', async () => {
    const planted = await study();
    const start = planted.idOf('result');
    for (const [wish, refusal] of [
      [{ first: 1001 }, '"first" must be between 1 and 1000.'],
      [{ first: 0 }, '"first" must be between 1 and 1000.'],
      [{ depth: 0 }, '"depth" must be between 1 and 100, or null for no bound.'],
      [{ depth: 101 }, '"depth" must be between 1 and 100, or null for no bound.'],
    ] as const)
      expect(await ask.refusals(LINEAGE, { input: { start, direction: 'UPSTREAM', ...wish } })).toEqual([
        refusal,
      ]);
    expect(
      await ask.refusals(LINEAGE, { input: { start, direction: 'UPSTREAM' } }, member(ACME, ['write-only'])),
    ).toEqual(['Reading needs a token with the scope "read".']);
  });

  test('costs no query for what is not selected, and one for the records of all links', async () => {
    const planted = await study();
    const input = { start: planted.idOf('result'), direction: 'UPSTREAM', depth: 2 };
    const queries = async (selection: string): Promise<string[]> => {
      const sent = vi.spyOn(pg.Client.prototype, 'query');
      await ask.data(`query ($input: LineageInput!) { lineage(input: $input) { ${selection} } }`, { input });
      const names = sent.mock.calls.map(([query]) => (query as unknown as { name: string }).name);
      sent.mockRestore();
      return names.map((name) => name.replace('lineage-', ''));
    };
    const walk = ['find', ...Array.from({ length: 3 }, () => 'step-upstream')];
    expect(await queries('counts { total hiddenParts byHop { hop count } }')).toEqual(walk);
    expect(await queries('edges { node { name } } pageInfo { hasNextPage }')).toEqual([...walk, 'nodes']);
    expect(await queries('links { from to records { id } } stubs { name } linksComplete')).toEqual([
      ...walk,
      'step-upstream',
      'relations',
      'nodes',
      'records',
    ]);
    const fields = 'contributingDatasets { counts { total } } contributingAgents { counts { total } }';
    expect(await queries(`start { ${fields} }`)).toHaveLength(walk.length + 5 + 2);
  });

  test('names the records of a link that the caller may read', async () => {
    const planted = await study();
    for (const [name, readers] of [
      ['ours', ACME],
      ['theirs', RIVAL],
    ])
      await database.query(
        `with record as (
           insert into record (public_id, organization_id, kind, name, lodged_by, readers)
           values (gen_random_uuid(), $1, 'IMPORT', $2, $1, array[$1]::uuid[]) returning id)
         insert into record_edge (record, src, dst, relation, role)
         select record.id, src.id, dst.id, 'USED', 'data' from record, node src, node dst
         where src.public_id = $3 and dst.public_id = $4`,
        [readers, name, planted.idOf('run'), planted.idOf('data')],
      );
    const { lineage } = await ask.data<{
      lineage: { links: { role: string; records: { name: string }[] }[] };
    }>(`query ($input: LineageInput!) { lineage(input: $input) { links { role records { id name } } } }`, {
      input: { start: planted.idOf('run'), direction: 'UPSTREAM', depth: 1 },
    });
    const recorded = lineage.links.map(({ role, records }) => [role, records.map(({ name }) => name)]);
    expect(new Map(recorded as [string, string[]][])).toEqual(
      new Map([
        ['data', ['ours']],
        ['params', []],
        ['code', []],
        ['worker', []],
      ]),
    );
  });
});

describe('a way', () => {
  const way = async (planted: Planted, from: string, to: string, rest: Record<string, unknown> = {}) => {
    const input = { from: planted.idOf(from), to: planted.idOf(to), direction: 'UPSTREAM', ...rest };
    const { lineagePath } = await ask.data<{
      lineagePath: {
        hops: number | null;
        steps: { node: { name: string } | null; stub: { name: string } | null }[];
        links: { from: string; to: string; relation: string | null }[];
      };
    }>(PATH, { input });
    return {
      hops: lineagePath.hops,
      steps: lineagePath.steps.map(({ node, stub }) => node?.name ?? stub?.name),
      links: lineagePath.links.map(
        ({ from: later, to: earlier, relation }) =>
          `${planted.nameOf(later)} ${relation ?? '-'} ${planted.nameOf(earlier)}`,
      ),
    };
  };

  test('is a shortest one, either way, and hidden where it is hidden', async () => {
    const planted = await plant(database, drawn('a > b > c > d > e', 'a > H1 > H2 > H3 > d', 'x > a'));
    const found = {
      hops: 3,
      steps: ['a', 'hidden-1', 'd', 'e'],
      links: ['a - hidden-1', 'hidden-1 - d', 'd WAS_DERIVED_FROM e'],
    };
    expect(await way(planted, 'a', 'e')).toEqual(found);
    expect(await way(planted, 'e', 'a', { direction: 'DOWNSTREAM' })).toEqual({
      ...found,
      steps: found.steps.toReversed(),
    });
    expect(await way(planted, 'a', 'c')).toMatchObject({ hops: 2, steps: ['a', 'b', 'c'] });
    expect(await way(planted, 'a', 'a')).toEqual({ hops: 0, steps: ['a'], links: [] });
  });

  test('is none against the direction or beyond the longest', async () => {
    const planted = await plant(database, drawn('a > b > c'));
    const none = { hops: null, steps: [], links: [] };
    expect(await way(planted, 'c', 'a')).toEqual(none);
    expect(await way(planted, 'a', 'c', { maxDepth: 1 })).toEqual(none);
    expect(await way(planted, 'a', 'c', { maxDepth: 2 })).toMatchObject({ hops: 2 });
  });

  test('is as long as the hop of its end', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, questions, async (drawing, { direction }) => {
        const planted = await plant(database, drawing);
        const { hops } = expected(drawing, 'n0', direction, Infinity, null);
        for (const { name, hidden } of drawing.nodes.slice(1)) {
          if (hidden === true) continue;
          const found = await way(planted, 'n0', name, { direction });
          expect(found.hops).toBe(hops[name] ?? null);
          expect(found.steps).toHaveLength((hops[name] ?? -1) + 1);
        }
      }),
      { numRuns: 30 },
    );
  });
});
