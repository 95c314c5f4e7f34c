import type { Database } from '@weft/database';
import type { Actor } from '@weft/identity';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { id, RIVAL } from '../testing/finished-jobs.js';
import { ADA, aMember, itemSteps, type ItemSteps } from '../testing/item-steps.js';

const TEAM = id('team coral');
const VIEWER = aMember('victor', 'VIEWER');
const MAINTAINER = aMember('mia');
const OWNER = aMember('olga', 'OWNER');
const STRANGER = aMember('bob', 'OWNER', [RIVAL]);

describe('requests for roles on an item', () => {
  let database: Database;
  let steps: ItemSteps;
  beforeAll(async () => {
    database = await testDatabase(registryDatabase);
    steps = await itemSteps(database);
  });
  afterAll(() => database.close());

  const roles = async (itemId: string, actor: Actor): Promise<unknown> =>
    (await steps.item(itemId, 'myRoles', actor))?.['myRoles'];
  const grant = (itemId: string, ...grants: object[]) => steps.done('setItemAccess', { id: itemId, grants });

  test('who administers items has the requests for all of them in one list, and nobody else has', async () => {
    const steward = aMember('stella', 'VIEWER', [RIVAL], [TEAM]);
    const asker = aMember('arthur', 'VIEWER');
    const ask = async (itemId: string): Promise<string> => {
      const { requestItemAccess } = await steps.ask.data<{ requestItemAccess: { requestId: string } }>(
        'mutation ($input: RequestItemAccessInput!) { requestItemAccess(input: $input) { requestId } }',
        { input: { id: itemId, roles: ['METADATA_WRITE'], note: 'for my thesis' } },
        asker,
      );
      return requestItemAccess.requestId;
    };
    const toDecide = async (actor: Actor, argument = ''): Promise<string[]> => {
      const { itemAccessRequestsToDecide } = await steps.ask.data<{
        itemAccessRequestsToDecide: { edges: { node: { id: string; user: { id: string } } }[] };
      }>(
        `{ itemAccessRequestsToDecide${argument} { edges { node { id user { id } item { id } } } } }`,
        {},
        actor,
      );
      return itemAccessRequestsToDecide.edges
        .filter(({ node }) => node.user.id === asker.id)
        .map(({ node }) => node.id);
    };
    const [first, second] = [await steps.aModel(), await steps.aModel()];
    const [one, other] = [await ask(first.id), await ask(second.id)];
    for (const admin of [ADA, OWNER]) expect(await toDecide(admin)).toEqual([other, one]);
    expect(await toDecide(ADA, '(first: 1)')).toEqual([other]);
    for (const actor of [MAINTAINER, STRANGER, steward, asker]) expect(await toDecide(actor)).toEqual([]);

    // The list follows the rights: of the steward's team from now on, and no longer of who was the owner.
    await grant(first.id, { kind: 'TEAM', principalId: TEAM, roles: ['ADMIN'] });
    expect(await toDecide(steward)).toEqual([one]);
    await steps.done('transferItem', { id: second.id, ownerId: MAINTAINER.id });
    expect(await toDecide(ADA)).toEqual([one]);
    expect(await toDecide(MAINTAINER)).toEqual([other]);
    await steps.ask.data(
      'mutation ($id: ID!) { decideItemAccess(input: { requestId: $id, approve: false }) { requestId } }',
      { id: one },
      steward,
    );
    expect(await toDecide(ADA)).toEqual([]);
    expect(await toDecide(ADA, '(state: null)')).toEqual([one]);
    expect(await toDecide(ADA, '(state: REJECTED)')).toEqual([one]);
    await grant(first.id);
    expect(await toDecide(steward, '(state: null)')).toEqual([]);
  });

  test('roles are asked for, given or not, and the request is taken back', async () => {
    const { id: itemId } = await steps.aModel();
    const ask = async (
      actor: Actor,
      roles_: string[],
    ): Promise<{ requestId: string | null; codes: string[] }> => {
      const { requestItemAccess } = await steps.ask.data<{
        requestItemAccess: { requestId: string | null; userErrors: { code: string }[] };
      }>(
        'mutation ($input: RequestItemAccessInput!) { requestItemAccess(input: $input) { requestId userErrors { code } } }',
        { input: { id: itemId, roles: roles_, note: 'for my thesis' } },
        actor,
      );
      return {
        requestId: requestItemAccess.requestId,
        codes: requestItemAccess.userErrors.map(({ code }) => code),
      };
    };
    const decide = async (requestId: string | null, approve: boolean, actor: Actor): Promise<string[]> => {
      const { decideItemAccess } = await steps.ask.data<{
        decideItemAccess: { userErrors: { code: string }[] };
      }>(
        'mutation ($input: DecideItemAccessInput!) { decideItemAccess(input: $input) { userErrors { code } } }',
        { input: { requestId, approve, note: 'ok' } },
        actor,
      );
      return decideItemAccess.userErrors.map(({ code }) => code);
    };
    expect(await ask(STRANGER, ['METADATA_READ'])).toMatchObject({ codes: ['NOT_FOUND'] });
    expect(await ask(VIEWER, ['DATA_READ'])).toMatchObject({ codes: ['CONFLICT'] });
    const { requestId } = await ask(VIEWER, ['DATA_READ', 'METADATA_WRITE']);
    expect(await ask(VIEWER, ['ADMIN'])).toMatchObject({ codes: ['CONFLICT'] });
    expect(await decide(requestId, true, MAINTAINER)).toEqual(['FORBIDDEN']);
    expect(await decide(requestId, true, STRANGER)).toEqual(['NOT_FOUND']);
    expect(await decide(requestId, true, ADA)).toEqual([]);
    expect(await decide(requestId, false, ADA)).toEqual(['CONFLICT']);
    expect(await roles(itemId, VIEWER)).toContain('METADATA_WRITE');
    const second = await ask(VIEWER, ['ADMIN']);
    const shown = await steps.item(
      itemId,
      'accessRequests(state: PENDING) { edges { node { id roles note user { id } } } }',
    );
    expect(shown).toEqual({
      accessRequests: {
        edges: [
          {
            node: { id: second.requestId, roles: ['ADMIN'], note: 'for my thesis', user: { id: VIEWER.id } },
          },
        ],
      },
    });
    await steps.ask.data(
      'mutation ($id: ID!) { cancelItemAccessRequest(requestId: $id) { requestId } }',
      { id: second.requestId },
      VIEWER,
    );
    const { myItemAccessRequests } = await steps.ask.data<{
      myItemAccessRequests: { edges: { node: { state: string } }[] };
    }>('{ myItemAccessRequests { edges { node { state item { id } } } } }', {}, VIEWER);
    expect(myItemAccessRequests.edges.map(({ node }) => node.state)).toEqual(['CANCELLED', 'APPROVED']);
  });
});
