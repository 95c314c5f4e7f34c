import { testDatabase, type TestDatabase } from '@weft/testkit';
import fc from 'fast-check';
import pg from 'pg';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { registryDatabase } from '../context.js';
import { askerOf, member, type Asker } from '../testing/ask.js';
import { ACME, RIVAL } from '../testing/finished-jobs.js';
import { drawn, expected, plant, type Planted } from '../testing/lineage-graph.js';
import { graphs, LINEAGE, pages, PATH, questions, told, type Answer } from '../testing/lineage-questions.js';

let database: TestDatabase;
let ask: Asker;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  ask = await askerOf(database);
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
    const found = told(planted, await pages(ask, planted, question));
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
    const walk = ['find', 'scout-upstream'];
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
    expect(await queries(`start { ${fields} }`)).toEqual([...walk, 'scout-upstream', 'matching', 'matching']);
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
           values (gen_random_uuid(), $1, 'CREATE', $2, $1, array[$1]::uuid[]) returning id)
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
        // What the job says of itself is the job's.
        ['data', ['ours', 'run']],
        ['params', ['run']],
        ['code', ['run']],
        ['worker', ['run']],
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
