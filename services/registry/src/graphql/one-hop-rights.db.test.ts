// One hop downstream shows what the reader may read, whosever word it is, and stays cheap where millions named something.
import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { beforeAll, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { EVERYONE } from '../domain/principal.js';
import { askerOf, type Asker } from '../testing/ask.js';
import { plant, type Planted } from '../testing/lineage-graph.js';
import { HOPS, spoken, type Hops } from '../testing/world.js';

let database: Database;
let ask: Asker;
let graph: Planted;

beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  ask = await askerOf(database);
  const hidden = true;
  graph = await plant(database, {
    nodes: [
      { name: 'run', kind: 'ACTIVITY', subtype: 'MODEL_RUN', hidden },
      ...['public 1', 'secret', 'public 2', 'mine'].map((name) => ({ name, hidden: name !== 'mine' })),
      ...Array.from({ length: 2_500 }, (_, n) => ({ name: `used ${n}`, hidden })),
    ],
    edges: [
      ...['public 1', 'secret', 'public 2'].map((from) => ({
        ...{ from, to: 'run', relation: 'WAS_GENERATED_BY' as const },
      })),
      ...Array.from({ length: 2_500 }, (_, n) => ({ from: `used ${n}`, to: 'public 1' })),
      { from: 'mine', to: 'public 1' },
    ],
  });
  await database.query(
    `update node set readers = readers || $1::uuid where name in ('run', 'public 1', 'public 2')`,
    [EVERYONE],
  );
});

test('what another organization made and shows to everyone is there, page by page', async () => {
  const query = `query ($id: ID!, $first: Int, $after: String) { activity(id: $id) {
    generated(first: $first, after: $after) { ${HOPS} pageInfo { endCursor hasNextPage } } } }`;
  const page = async (first: number, after?: string) =>
    (
      await ask.data<{
        activity: { generated: Hops & { pageInfo: { endCursor: string; hasNextPage: boolean } } };
      }>(query, { id: graph.idOf('run'), first, after })
    ).activity.generated;
  expect(spoken(await page(10))).toEqual(['WAS_GENERATED_BY/- public 1', 'WAS_GENERATED_BY/- public 2']);
  const first = await page(1);
  expect(spoken(first)).toEqual(['WAS_GENERATED_BY/- public 2']);
  const second = await page(1, first.pageInfo.endCursor);
  expect(spoken(second)).toEqual(['WAS_GENERATED_BY/- public 1']);
  expect(second.pageInfo.hasNextPage).toBe(false);
});

test('what my organization made of something is there, however often others have named it', async () => {
  const { item } = await ask.data<{ item: { downstream: Hops } }>(
    `query ($id: ID!) { item(id: $id) { downstream { ${HOPS} } } }`,
    { id: graph.idOf('public 1') },
  );
  expect(spoken(item.downstream)).toEqual(['WAS_DERIVED_FROM/- mine']);
});
