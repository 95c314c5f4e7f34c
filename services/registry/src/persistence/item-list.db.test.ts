import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ItemOrder, Position } from '../application/ports.js';
import { registryDatabase } from '../context.js';
import { normalizeReference } from '../domain/item.js';
import { principalsOf } from '../domain/principal.js';
import { id } from '../testing/finished-jobs.js';
import { aMember, itemSteps } from '../testing/item-steps.js';
import { itemList } from './item-list.js';

const HOME = id('organization of many');
const EVE = aMember('eve', 'OWNER', [HOME]);
const MANY = 20_000;
const viewer = { principals: principalsOf(EVE), organizations: [HOME] };

let database: Database;
let few: string;

beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  const steps = await itemSteps(database);
  const seed = await steps.done('createItem', { subtype: 'MODEL', tags: ['rare'] }, EVE);
  few = seed.pid;
  const everybodys = await steps.aModel({}, EVE);
  // Many runs, after the one that is looked for; half of them have a tag, all name one model, and ten another.
  await database.query(
    `with made as (
       insert into node (public_id, kind, subtype, organization_id, revision, name, facts, readers, registered, search)
       select gen_random_uuid(), 'ACTIVITY', 'MODEL_RUN', $1, 1, 'run ' || number, '{}', array[$1]::uuid[], true,
         to_tsvector('item_words', 'run ' || number) || case number % 2 when 0 then '''#half'''::tsvector else '' end
       from generate_series(1, $2::int) as number
       returning id, public_id, name
     ), items as (
       insert into item (node, pid, record_type, schema_version, metadata, owner_id, created_by, revision, series_id, version)
       select id, 'ark:' || public_id, 'COMPLETE', 1, '{}', $1, $1, 1, public_id, 1 from made
     ), readers as (
       insert into item_reader (principal, subtype, node, name, updated_at)
       select $1, 'MODEL_RUN', id, name, now() from made
     )
     insert into item_reference (node, target)
     select made.id, named.id from made, node named
     where named.public_id = $4 or (named.public_id = $3 and made.id % ($2 / 10) = 0)`,
    [HOME, MANY, seed.id, everybodys.id],
  );
  await database.query('vacuum analyze node, item, item_reader, item_reference');
}, 60_000);
afterAll(() => database.close());

const listed = async (filter: object, order: ItemOrder = 'NEWEST', after?: Position) => {
  const sent = vi.spyOn(pg.Client.prototype, 'query');
  const items = await itemList(database).items(viewer, { filter, order, first: 20, after });
  type Sent = { readonly text: string; readonly values: unknown[] };
  const all = sent.mock.calls.map(([config]) => config as unknown as Sent);
  const statement = all.find(({ text }) => text.includes('cross join lateral')) as Sent;
  sent.mockRestore();
  const plan = await database.query<{ 'QUERY PLAN': string }>(
    `explain (costs off) ${statement.text}`,
    statement.values,
  );
  return { items, count: items.length, plan: plan.map((row) => row['QUERY PLAN']).join('\n') };
};

test.each([
  ['a rare tag', () => ({ tag: 'rare' }), 1, 'node_search'],
  ['seeds, of which there are few', () => ({ recordType: 'SEED' }), 1, 'node_search'],
  ['a rare word', () => ({ text: '"run 17"' }), 1, 'node_search'],
  ['what few items name', () => ({ references: normalizeReference(few) }), 10, 'item_reference_of_target'],
  ['a tag of many', () => ({ tag: 'half' }), 21, 'item_reader_listing'],
  ['what is complete', () => ({ recordType: 'COMPLETE' }), 21, 'item_reader_listing'],
])('of many items, a list by %s is read by the index that fits', async (_, filter, count, index) => {
  for (const scope of [{}, { organizationId: HOME }]) {
    const answer = await listed({ ...scope, ...filter() });
    expect(answer.count).toBe(count);
    if (index !== 'item_reader_listing') expect(answer.plan).toContain(index);
    expect(answer.plan).not.toContain('Seq Scan');
  }
  expect((await listed(filter())).plan).toContain(index);
});

test.each([
  ['NEWEST', 'item_reader_listing', 'node_listing'],
  ['OLDEST', 'item_reader_listing', 'node_listing'],
  ['LAST_UPDATED', 'item_reader_by_update', 'node_by_update'],
  ['FIRST_UPDATED', 'item_reader_by_update', 'node_by_update'],
  ['NAME', 'item_reader_by_name', 'node_by_name'],
  ['NAME_DESCENDING', 'item_reader_by_name', 'node_by_name'],
] as const)(
  'of many items, a page in the order %s is read from an index',
  async (order, ofReader, ofNode) => {
    for (const [filter, index] of [
      [{}, ofReader],
      [{ organizationId: HOME }, ofNode],
    ] as const) {
      const first = await listed(filter, order);
      const second = await listed(filter, order, first.items[19]?.position);
      for (const { plan, count } of [first, second]) {
        expect(count).toBe(21);
        expect(plan).toContain(index);
        expect(plan).not.toContain('Seq Scan');
      }
      // The place where it goes on is looked up, and not what lies before it.
      expect(second.plan).toMatch(new RegExp(`using ${index}[^>]*Index Cond: [^>]*[<>]`));
    }
  },
);
