import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { ACME, RIVAL } from '../testing/finished-jobs.js';
import { ADA, aMember, itemSteps, MODEL, type ItemSteps } from '../testing/item-steps.js';

const EVE = aMember('eve', 'MAINTAINER', [RIVAL]);
const ORDERS = ['NEWEST', 'OLDEST', 'LAST_UPDATED', 'FIRST_UPDATED', 'NAME', 'NAME_DESCENDING'];

interface Listed {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly name: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

let database: Database;
let steps: ItemSteps;
beforeEach(async () => {
  database = await testDatabase(registryDatabase);
  steps = await itemSteps(database);
});

const made = (name: string, actor = ADA) => steps.aModel({ name }, actor);
const edit = (id: string, name: string) =>
  steps.done('editItem', { id, reason: 'test', metadata: { ...MODEL, name } });
async function page(orderBy: string, after: string | null = null, first = 1, actor = ADA, more = '') {
  const { items } = await steps.ask.data<{ items: Listed }>(
    `query ($after: String, $first: Int, $orderBy: ItemOrder) {
      items(filter: { subtype: MODEL ${more} }, orderBy: $orderBy, first: $first, after: $after) {
        edges { cursor node { name } } pageInfo { hasNextPage endCursor } } }`,
    { after, first, orderBy },
    actor,
  );
  return items;
}

const names = ({ edges }: Listed): string[] => edges.map(({ node }) => node.name);

/** Page by page. */
async function all(orderBy: string, first = 1, actor = ADA, more = ''): Promise<string[]> {
  const found: string[] = [];
  let after: string | null = null;
  do {
    const items: Listed = await page(orderBy, after, first, actor, more);
    found.push(...names(items));
    after = items.pageInfo.hasNextPage ? items.pageInfo.endCursor : null;
  } while (after !== null);
  return found;
}

describe('items', () => {
  test('are listed by when they were made, last changed, or by name, either way, page by page', async () => {
    const beta = await made('beta');
    for (const name of ['Alpha', 'gamma', 'beta 2']) await made(name);
    await edit(beta.id, 'beta 3');
    const told = {
      OLDEST: ['beta 3', 'Alpha', 'gamma', 'beta 2'],
      FIRST_UPDATED: ['Alpha', 'gamma', 'beta 2', 'beta 3'],
      NAME: ['Alpha', 'beta 2', 'beta 3', 'gamma'],
    };
    const expected = {
      ...told,
      NEWEST: told.OLDEST.toReversed(),
      LAST_UPDATED: told.FIRST_UPDATED.toReversed(),
      NAME_DESCENDING: told.NAME.toReversed(),
    };
    for (const order of ORDERS)
      for (const more of ['', `organizationId: "${ACME}"`, 'text: "reefs"'])
        for (const first of [1, 3])
          expect([order, await all(order, first, ADA, more)]).toEqual([
            order,
            expected[order as keyof typeof expected],
          ]);
    const { _entities: [acme] } = await steps.ask.data<{ _entities: [{ items: Listed }] }>(
      `query ($id: ID!) { _entities(representations: [{ __typename: "Organization", id: $id }]) {
        ... on Organization { items(orderBy: NAME, first: 2) { edges { cursor node { name } } pageInfo { hasNextPage endCursor } } } } }`,
      { id: ACME },
    ); // prettier-ignore
    expect(names(acme.items)).toEqual(['Alpha', 'beta 2']);
  });

  test('of the same name are each listed once', async () => {
    for (let count = 0; count < 5; count += 1) await made('twin');
    expect(await all('NAME', 2)).toHaveLength(5);
    expect(await all('NAME_DESCENDING', 2)).toHaveLength(5);
  });

  test('that change between two pages neither lose nor repeat others', async () => {
    const [a, , c] = [await made('a'), await made('b'), await made('c'), await made('d')];
    const first = await page('NAME', null, 1);
    await edit(a.id, 'z');
    await edit(c.id, 'bb');
    const after = first.pageInfo.endCursor;
    expect(names(await page('NAME', after, 10))).toEqual(['b', 'bb', 'd', 'z']);
    // By the last change, the place after which it goes on is where it was.
    const last = await page('LAST_UPDATED', null, 2);
    expect(names(last)).toEqual(['bb', 'z']);
    await edit(a.id, 'y');
    expect(names(await page('LAST_UPDATED', last.pageInfo.endCursor, 10))).toEqual(['d', 'b']);
  });

  test('of others are in the order as far as they may be read', async () => {
    const [shared] = [await made('shared'), await made('closed')];
    await made('mine', EVE);
    await steps.done('setItemAccess', {
      id: shared.id,
      grants: [{ kind: 'USER', principalId: EVE.id, roles: ['METADATA_READ'] }],
    });
    expect(await all('NAME', 1, EVE)).toEqual(['mine', 'shared']);
    expect(await all('LAST_UPDATED', 1, EVE)).toEqual(['shared', 'mine']);
    expect(await all('NAME', 1, EVE, `organizationId: "${ACME}"`)).toEqual(['shared']);
  });

  test('are not gone on with by a cursor of another order, or one that was made up', async () => {
    await made('a');
    const cursor = async (order: string) => (await page(order)).edges[0]?.cursor ?? '';
    const [byName, byAge, byUpdate] = [
      await cursor('NAME'),
      await cursor('NEWEST'),
      await cursor('LAST_UPDATED'),
    ];
    const [id] = JSON.parse(Buffer.from(byName, 'base64url').toString()) as [string];
    const invented = (...parts: unknown[]) =>
      Buffer.from(JSON.stringify([id, ...parts])).toString('base64url');
    for (const [order, after] of [
      ['NEWEST', byName],
      ['NAME', byAge],
      ['NAME', byUpdate],
      ['LAST_UPDATED', byName],
      ['LAST_UPDATED', invented('update', '2026-01-01')],
      ['LAST_UPDATED', invented('update', '99999999999999999999')],
      ['NAME', invented('name')],
    ] as const)
      await expect(page(order, after)).rejects.toThrow('The cursor is not one that this list gave.');
    // The two ways of one order have the same places.
    expect(names(await page('NAME_DESCENDING', byName))).toEqual([]);
  });
});

test('whatever is done with an item, its readers have what lists are ordered by', async () => {
  const item = await made('before');
  const seen = await made('named');
  const differing = () =>
    database.query(
      `select n.name, r.principal from item i join node n on n.id = i.node left join item_reader r on r.node = n.id
       where n.updated_at is distinct from i.updated_at and coalesce(n.updated_at, n.created_at) <> i.updated_at
         or r.updated_at is distinct from i.updated_at or r.name is distinct from lower(n.name)`,
    );
  const { id } = item;
  const everyone = { kind: 'EVERYONE', roles: ['METADATA_READ'] };
  for (const change of [
    () => edit(id, 'After'),
    () => steps.done('setItemAccess', { id, grants: [everyone] }),
    () =>
      steps.done('setItemAccess', { id, grants: [{ kind: 'USER', principalId: EVE.id, roles: ['ADMIN'] }] }),
    () => steps.done('lockItem', { id, reason: 'test' }),
    () => steps.done('unlockItem', { id, reason: 'test' }),
    () => steps.done('createItemVersion', { id, reason: 'test' }),
    () => steps.done('withdrawItem', { id: seen.id, reason: 'test' }),
  ]) {
    await change();
    expect(await differing()).toEqual([]);
  }
});
