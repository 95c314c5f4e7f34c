import { testDatabase, type TestDatabase } from '@weft/testkit';
import pg from 'pg';
import { beforeAll, expect, test, vi } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import { FAR } from '../domain/lineage.js';
import type { Direction } from '../domain/lineage.js';
import { ACME } from '../testing/finished-jobs.js';
import { drawn, plant, type Drawing } from '../testing/lineage-graph.js';
import type { LineageStore } from './lineage-ports.js';
import { LineageBudget, walkLineage, type Walked } from './walk-lineage.js';

let database: TestDatabase;
let store: LineageStore;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  store = createRegistryParts(database).reader.lineage;
});

const viewer = { principals: [ACME], organizations: [ACME] };

interface Wish {
  readonly direction?: Direction;
  readonly nodes?: number;
  readonly edges?: number;
  readonly rounds?: number;
}

async function walked(drawing: Drawing, { direction = 'UPSTREAM', nodes, ...spent }: Wish) {
  const planted = await plant(database, drawing);
  const start = (await store.find(viewer, [planted.idOf('a')])).values().next().value?.key ?? 0;
  const bounds = { depth: FAR, ...(nodes === undefined ? {} : { nodes }) };
  const budgets = { all: Object.assign(new LineageBudget(), spent), own: new LineageBudget() };
  const trail = { direction, relations: null, ownOnly: false };
  const found: Walked = await walkLineage(store, viewer, start, trail, bounds, budgets);
  const named = await store.nodes(
    viewer,
    found.reach.placed.map(({ key }) => key),
  );
  return {
    names: found.reach.placed.map(({ key }) => named.get(key)?.name),
    hops: found.reach.hops,
    shortfall: found.shortfall,
    left: budgets.all,
  };
}

const fan = (count: number): string[] => Array.from({ length: count }, (_, at) => `a > b${at}`);

test('ends at as many nodes as an answer may have, the nearest of them, and says how far it is complete', async () => {
  const chain = ['a > b > c > d > e > f'];
  expect(await walked(drawn(...chain), { nodes: 3 })).toMatchObject({
    names: ['b', 'c', 'd'],
    hops: 3,
    shortfall: 'NODES',
  });
  expect(await walked(drawn(...chain), { nodes: 5 })).toMatchObject({ hops: FAR, shortfall: null });
  expect(await walked(drawn(...fan(4), 'b0 > c'), { nodes: 2 })).toMatchObject({
    names: ['b3', 'b2'],
    hops: 0,
    shortfall: 'NODES',
  });
});

test('that there is much behind what is hidden does not shorten the list of what is not', async () => {
  const hidden = Array.from({ length: 50 }, (_, at) => `a > H${at} > K${at}`);
  expect(await walked(drawn(...hidden, 'a > b > c'), { nodes: 2 })).toMatchObject({
    names: ['b', 'c'],
    shortfall: null,
  });
});

test.each([{ edges: 3 }, { rounds: 3 }])(
  'ends when the request has read what it may (%o): whole hops are told',
  async (spent) => {
    expect(await walked(drawn('a > b > c > d > e > f'), spent)).toMatchObject({
      names: ['b', 'c'],
      hops: 2,
      shortfall: 'WORK',
    });
  },
);

test('reads no more edges than it may', async () => {
  const { left, names } = await walked(drawn(...fan(500)), { edges: 100 });
  expect(left.edges).toBe(100);
  expect(names).toEqual([]);
});

test('downstream of what others use a lot, what my organizations say is told', async () => {
  const uses = Array.from({ length: 300 }, (_, at) => `J${at} > a`);
  expect(await walked(drawn(...uses, 'c > b > a'), { direction: 'DOWNSTREAM', edges: 100 })).toMatchObject({
    names: ['b', 'c'],
    shortfall: 'OWN_ONLY',
  });
});

test('a hidden node on the way costs no statement of its own', async () => {
  const drawing = drawn('a > H1 > x > y > H2 > z', 'a > b > c > d > e > f');
  expect((await walked(drawing, {})).left.rounds).toBe(new LineageBudget().rounds - 6);
});

test.each([
  ['upstream', 'edge_pkey'],
  ['downstream', 'edge_downstream'],
  ['downstream-own', 'edge_downstream'],
])('edges %s come from the index alone', async (way, index) => {
  await plant(database, drawn(...Array.from({ length: 300 }, (_, at) => `x${at} > x${at + 1} > x${at + 7}`)));
  await database.query('vacuum analyze edge');
  const sent = vi.spyOn(pg.Client.prototype, 'query');
  const trail = {
    direction: way === 'upstream' ? ('UPSTREAM' as const) : ('DOWNSTREAM' as const),
    relations: null,
    ownOnly: way.endsWith('own'),
  };
  await store.step(viewer, trail, { expand: [1, 2], judge: [1] }, 10);
  if (!trail.ownOnly) await store.scout(viewer, trail.direction, 1, 6);
  const texts = sent.mock.calls.map(([config]) => (config as unknown as { text: string }).text);
  sent.mockRestore();
  const plans = await Promise.all(
    texts.map((text) =>
      database.query<{ 'QUERY PLAN': string }>(`explain (generic_plan, costs off) ${text}`),
    ),
  );
  const [edges, rights, around] = plans.map((plan) => plan.map((row) => row['QUERY PLAN']).join('\n'));
  expect(edges).toContain(`Index Only Scan using ${index}`);
  expect(rights).toContain('node_pkey');
  if (around !== undefined) expect(around.split(`Index Only Scan using ${index}`)).toHaveLength(3);
  expect([edges, rights, around].join('\n')).not.toContain('Seq Scan');
});
