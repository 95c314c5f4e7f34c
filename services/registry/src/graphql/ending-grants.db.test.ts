import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import { ACME, RIVAL } from '../testing/finished-jobs.js';
import { ADA, aMember, itemSteps, type ItemSteps } from '../testing/item-steps.js';

const EVE = aMember('eve', 'MAINTAINER', [RIVAL]);
const LATER = '2999-01-01T00:00:00.000Z';
const FOR_EVE = { kind: 'USER', principalId: EVE.id };

let database: Database;
let steps: ItemSteps;
beforeEach(async () => {
  database = await testDatabase(registryDatabase);
  steps = await itemSteps(database);
});

/** As if these grants had ended; nobody has swept yet. */
const timeIsOver = async (): Promise<void> => {
  await database.query(`update item_grant set expires_at = expires_at - interval '1000 years'`);
  await database.query(
    `update data_pool set grants_end = grants_end - interval '1000 years', grants = replace(grants::text, '"2999', '"1999')::jsonb`,
  );
};
const sweep = (): Promise<void> => createRegistryParts(database).endGrants();

const grant = (id: string, ...grants: object[]) => steps.done('setItemAccess', { id, grants });
const accessOf = async (id: string) =>
  (await steps.item(id, 'access { kind principalId roles expiresAt }'))?.['access'];
const rolesOfEve = async (id: string) => (await steps.item(id, 'myRoles', EVE))?.['myRoles'];
const listed = async (id: string): Promise<boolean> => {
  const { items } = await steps.ask.data<{ items: { edges: { node: { id: string } }[] } }>(
    '{ items(filter: { subtype: MODEL }) { edges { node { id } } } }',
    {},
    EVE,
  );
  return items.edges.some(({ node }) => node.id === id);
};
const news = async (subject: string): Promise<{ change?: string; dataReaders?: string[] }[]> =>
  (
    await database.query<{ body: { payload: object } }>(
      `select body from outbox where subject like '%' || $1 || '%' order by position`,
      [subject],
    )
  ).map(({ body }) => body.payload);

describe('a grant with an end', () => {
  test('gives roles until then, is shown with its end, and stands beside one for good', async () => {
    const { id } = await steps.aModel();
    await grant(
      id,
      { ...FOR_EVE, roles: ['METADATA_READ'] },
      { ...FOR_EVE, roles: ['METADATA_WRITE'], expiresAt: LATER },
    );
    expect(await rolesOfEve(id)).toEqual(['METADATA_READ', 'METADATA_WRITE']);
    expect(await accessOf(id)).toEqual([
      { ...FOR_EVE, roles: ['METADATA_READ'], expiresAt: null },
      { ...FOR_EVE, roles: ['METADATA_WRITE'], expiresAt: LATER },
    ]);
    await timeIsOver();
    // Before anybody has swept.
    expect(await rolesOfEve(id)).toEqual(['METADATA_READ']);
    expect(await accessOf(id)).toEqual([{ ...FOR_EVE, roles: ['METADATA_READ'], expiresAt: null }]);
    expect(await steps.change('editItem', { id, reason: 'late', tags: ['late'] }, EVE)).toMatchObject({
      item: null,
      userErrors: [{ code: 'FORBIDDEN' }],
    });
    await sweep();
    expect(await rolesOfEve(id)).toEqual(['METADATA_READ']);
    expect(await listed(id)).toBe(true);
  });

  test('takes what it opened with it: lists, the item, the activity that made it, and says so', async () => {
    const { id } = await steps.aModel();
    const other = await steps.aModel({ name: 'stays' });
    await grant(id, { ...FOR_EVE, roles: ['METADATA_READ'], expiresAt: LATER });
    await grant(other.id, { ...FOR_EVE, roles: ['METADATA_READ'], expiresAt: LATER });
    await database.query(`update item_grant set expires_at = now() where node <> (select id from node where public_id = $1) and expires_at is not null`, [other.id]); // prettier-ignore
    const before = (await news('item-changed')).length;
    await sweep();
    expect([await listed(id), await listed(other.id)]).toEqual([false, true]);
    expect(await steps.item(id, 'id', EVE)).toBeNull();
    expect((await news('item-changed')).slice(before)).toMatchObject([{ change: 'ACCESS_CHANGED' }]);
    expect(await database.query('select from item_grant where expires_at <= now()')).toEqual([]);
    // Nothing is left to do.
    await sweep();
    expect(await news('item-changed')).toHaveLength(before + 1);
  });

  test('is refused when its time is over, or when it is for everyone', async () => {
    const { id } = await steps.aModel();
    const refused = (...grants: object[]) => steps.refused('setItemAccess', { id, grants });
    const roles = ['METADATA_READ'];
    expect(await refused({ ...FOR_EVE, roles, expiresAt: '2020-01-01T00:00:00Z' })).toEqual([
      'BAD_USER_INPUT input.grants.0.expiresAt',
    ]);
    expect(await refused({ kind: 'EVERYONE', roles, expiresAt: LATER })).toEqual([
      'BAD_USER_INPUT input.grants.0.expiresAt',
    ]);
    expect(
      await refused({ ...FOR_EVE, roles, expiresAt: LATER }, { ...FOR_EVE, roles, expiresAt: LATER }),
    ).toEqual(['BAD_USER_INPUT input.grants.1']);
  });

  test('is left for the next round while somebody changes the item', async () => {
    const { id } = await steps.aModel();
    await grant(id, { ...FOR_EVE, roles: ['METADATA_READ'], expiresAt: LATER });
    await timeIsOver();
    await database.transaction(async (tx) => {
      await tx.query('select from item for update');
      await sweep();
    });
    expect(await listed(id)).toBe(true);
    await sweep();
    expect(await listed(id)).toBe(false);
  });
});

describe('a request for access', () => {
  const requests = '{ accessRequests { edges { node { id state expiresAt } } } }';
  const ask = async (id: string, input: object): Promise<string> => {
    const { requestItemAccess } = await steps.ask.data<{
      requestItemAccess: { requestId: string | null; userErrors: { code: string }[] };
    }>(
      `mutation ($input: RequestItemAccessInput!) { requestItemAccess(input: $input) { requestId userErrors { code message } } }`,
      { input: { id, note: 'for a project', ...input } },
      EVE,
    );
    expect(requestItemAccess.userErrors).toEqual([]);
    return requestItemAccess.requestId ?? '';
  };
  const decide = async (input: object): Promise<string[]> => {
    const { decideItemAccess } = await steps.ask.data<{
      decideItemAccess: { userErrors: { code: string; path: string[] }[] };
    }>(
      `mutation ($input: DecideItemAccessInput!) { decideItemAccess(input: $input) { userErrors { code path } } }`,
      { input: { approve: true, ...input } },
      ADA,
    );
    return decideItemAccess.userErrors.map(({ code, path }) => `${code} ${path.join('.')}`);
  };
  const shared = async (): Promise<string> => {
    const { id } = await steps.aModel();
    await grant(id, { ...FOR_EVE, roles: ['METADATA_READ'] });
    return id;
  };

  test('for a while is given for that while, or for as long as who decides says', async () => {
    const id = await shared();
    const wish = { roles: ['METADATA_WRITE'], expiresAt: LATER };
    const first = await ask(id, wish);
    const [{ node }] = (
      (await steps.item(id, requests.slice(1, -1))) as unknown as {
        accessRequests: { edges: [{ node: object }] };
      }
    ).accessRequests.edges;
    expect(node).toEqual({ id: first, state: 'PENDING', expiresAt: LATER });
    expect(await decide({ requestId: first })).toEqual([]);
    const good = { ...FOR_EVE, roles: ['METADATA_READ'], expiresAt: null };
    expect(await accessOf(id)).toEqual([good, { ...FOR_EVE, roles: ['METADATA_WRITE'], expiresAt: LATER }]);
    // He has the role for a while, and may ask for it for good; who decides gives it for less.
    const sooner = '2998-01-01T00:00:00.000Z';
    expect(
      await decide({ requestId: await ask(id, { roles: ['METADATA_WRITE'] }), expiresAt: sooner }),
    ).toEqual([]);
    expect(await accessOf(id)).toHaveLength(3);
    await timeIsOver();
    await sweep();
    expect(await accessOf(id)).toEqual([good]);
    expect(await decide({ requestId: await ask(id, wish), expiresAt: null })).toEqual([]);
    expect(await accessOf(id)).toEqual([
      { ...FOR_EVE, roles: ['METADATA_READ', 'METADATA_WRITE'], expiresAt: null },
    ]);
  });

  test('whose time is over by when it is decided needs another', async () => {
    const id = await shared();
    const requestId = await ask(id, { roles: ['DATA_READ'], expiresAt: LATER });
    await database.query(`update item_access_request set expires_at = now() - interval '1 day'`);
    expect(await decide({ requestId })).toEqual(['BAD_USER_INPUT input.expiresAt']);
    expect(await decide({ requestId, expiresAt: LATER })).toEqual([]);
  });
});

test('a data pool is opened for a while too, and who keeps its files hears of the end', async () => {
  const { createDataPool } = await steps.ask.data<{ createDataPool: { dataPool: { id: string } } }>(
    `mutation { createDataPool(input: { name: "pool", organizationId: "${ACME}" }) { dataPool { id } userErrors { code } } }`,
    {},
    ADA,
  );
  const { id } = createDataPool.dataPool;
  const seen = async () =>
    (
      await steps.ask.data<{ dataPool: object | null }>(
        'query ($id: ID!) { dataPool(id: $id) { myRoles } }',
        { id },
        EVE,
      )
    ).dataPool;
  const { setDataPoolAccess } = await steps.ask.data<{ setDataPoolAccess: object }>(
    `mutation ($input: SetDataPoolAccessInput!) { setDataPoolAccess(input: $input) { dataPool { access { roles expiresAt } } userErrors { code } } }`,
    { input: { id, grants: [{ ...FOR_EVE, roles: ['DATA_READ'], expiresAt: LATER }] } },
    ADA,
  );
  expect(setDataPoolAccess).toEqual({
    dataPool: { access: [{ roles: ['DATA_READ'], expiresAt: LATER }] },
    userErrors: [],
  });
  expect(await seen()).toEqual({ myRoles: ['METADATA_READ', 'DATA_READ'] });
  expect((await news('data-pool-changed')).at(-1)?.dataReaders).toContain(EVE.id);
  await timeIsOver();
  expect(await seen()).toEqual({ myRoles: [] });
  await sweep();
  expect(await seen()).toBeNull();
  expect((await news('data-pool-changed')).at(-1)?.dataReaders).not.toContain(EVE.id);
  const told = (await news('data-pool-changed')).length;
  await sweep();
  expect(await news('data-pool-changed')).toHaveLength(told);
});
