import type { Database } from '@weft/database';
import type { Actor } from '@weft/identity';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { ACME, id, RIVAL } from '../testing/finished-jobs.js';
import { ADA, aMember, itemSteps, type ItemSteps } from '../testing/item-steps.js';
import { aDatasetOf } from '../testing/sample-metadata.js';

const TEAM = id('team coral');
const VIEWER = aMember('victor', 'VIEWER');
const MAINTAINER = aMember('mia');
const OWNER = aMember('olga', 'OWNER');
const STRANGER = aMember('bob', 'OWNER', [RIVAL]);
const TEAMMATE = aMember('tina', 'VIEWER', [RIVAL], [TEAM]);

describe('who may do what with an item', () => {
  let database: Database;
  let steps: ItemSteps;
  beforeAll(async () => {
    database = await testDatabase(registryDatabase);
    steps = await itemSteps(database);
  });
  afterAll(() => database.close());

  const sees = async (itemId: string, actor: Actor): Promise<boolean> =>
    (await steps.item(itemId, 'id', actor)) !== null;
  const roles = async (itemId: string, actor: Actor): Promise<unknown> =>
    (await steps.item(itemId, 'myRoles', actor))?.['myRoles'];
  const grant = (itemId: string, ...grants: object[]) =>
    steps.done('setItemAccess', { id: itemId, grants: grants });
  /** Everywhere a list could show it. */
  const finds = async (name: string, actor: Actor): Promise<boolean[]> => {
    const { items, ofOrganization, searchItems, _entities } = await steps.ask.data<
      Record<'items' | 'ofOrganization' | 'searchItems', { edges: { node: { name: string } }[] }> & {
        _entities: [{ items: { edges: { node: { name: string } }[] } }];
      }
    >(
      `query ($text: String!, $organization: ID!) {
        items(filter: { text: $text }) { edges { node { name } } }
        ofOrganization: items(filter: { organizationId: $organization }, first: 100) { edges { node { name } } }
        searchItems(text: $text) { edges { node { name } } }
        _entities(representations: [{ __typename: "Organization", id: $organization }]) {
          ... on Organization { items(first: 100) { edges { node { name } } } }
        }
      }`,
      { text: name, organization: ACME },
      actor,
    );
    return [items, ofOrganization, searchItems, _entities[0].items].map(({ edges }) =>
      edges.some((edge) => edge.node.name === name),
    );
  };
  const EVERYWHERE = [true, true, true, true];
  const NOWHERE = [false, false, false, false];

  test('at first the members of its organization read it, and maintainers write it', async () => {
    const { id: itemId } = await steps.aModel({ name: 'Default' });
    expect(await roles(itemId, VIEWER)).toEqual(['METADATA_READ', 'DATA_READ']);
    expect(await roles(itemId, MAINTAINER)).toEqual([
      'METADATA_READ',
      'METADATA_WRITE',
      'DATA_READ',
      'DATA_WRITE',
    ]);
    for (const admin of [ADA, OWNER]) expect(await roles(itemId, admin)).toHaveLength(5);
    expect(await sees(itemId, STRANGER)).toBe(false);
    expect(await finds('Default', VIEWER)).toEqual(EVERYWHERE);
    expect(await finds('Default', STRANGER)).toEqual(NOWHERE);
  });

  test('to a stranger it is as if it were not there, whatever he tries', async () => {
    const { id: itemId, pid } = await steps.aModel();
    for (const [mutation, input] of [
      ['editItem', { name: 'x', reason: 'r' }],
      ['completeItem', { metadata: {} }],
      ['revertItem', { revision: 1, reason: 'r' }],
      ['createItemVersion', { reason: 'r' }],
      ['cloneItem', {}],
      ['lockItem', { reason: 'r' }],
      ['unlockItem', { reason: 'r' }],
      ['setItemAccess', { grants: [] }],
      ['transferItem', { organizationId: RIVAL }],
      ['withdrawItem', { reason: 'r' }],
      ['moveItemAlias', { alias: 'prod' }],
      ['removeItemAlias', { alias: 'prod' }],
    ] as const)
      for (const reference of [itemId, pid])
        expect(await steps.refused(mutation, { id: reference, ...input }, STRANGER)).toEqual([
          'NOT_FOUND input.id',
        ]);
    expect(await steps.item(itemId, 'revision seq')).toMatchObject({ revision: 1, seq: 1 });
  });

  test('each thing needs its role', async () => {
    const { id: itemId } = await steps.aModel();
    expect(await steps.refused('editItem', { id: itemId, name: 'x', reason: 'r' }, VIEWER)).toEqual([
      'FORBIDDEN input.id',
    ]);
    for (const [mutation, input] of [
      ['createItemVersion', { reason: 'r' }],
      ['lockItem', { reason: 'r' }],
      ['setItemAccess', { grants: [] }],
      ['transferItem', { ownerId: MAINTAINER.id }],
      ['withdrawItem', { reason: 'r' }],
      ['moveItemAlias', { alias: 'prod' }],
    ] as const)
      expect(await steps.refused(mutation, { id: itemId, ...input }, MAINTAINER)).toEqual([
        'FORBIDDEN input.id',
      ]);
    await steps.done('editItem', { id: itemId, name: 'by mia', reason: 'r' }, MAINTAINER);
    const reader = { ...ADA, scopes: ['read'] };
    expect(await steps.refused('editItem', { id: itemId, name: 'x', reason: 'r' }, reader)).toEqual([
      'FORBIDDEN ',
    ]);
    expect(await steps.refused('createItem', { subtype: 'MODEL' }, VIEWER)).toEqual([
      'FORBIDDEN input.organizationId',
    ]);
    expect(await steps.refused('createItem', { subtype: 'MODEL', organizationId: ACME }, STRANGER)).toEqual([
      'NOT_FOUND input.organizationId',
    ]);
  });

  test('an item closed to its organization is closed to its members, also in every list and in its history', async () => {
    const { id: itemId } = await steps.aModel({ name: 'Closed' });
    await grant(itemId, { kind: 'USER', principalId: STRANGER.id, roles: ['METADATA_READ'] });
    for (const member of [VIEWER, MAINTAINER]) {
      expect(await sees(itemId, member)).toBe(false);
      expect(await finds('Closed', member)).toEqual(NOWHERE);
    }
    for (const reader of [ADA, OWNER]) expect(await finds('Closed', reader)).toEqual(EVERYWHERE);
    expect(await finds('Closed', STRANGER)).toEqual(EVERYWHERE);
    expect(await roles(itemId, STRANGER)).toEqual(['METADATA_READ']);
    // The owner who has left the organization has left his items there.
    expect(await sees(itemId, { ...ADA, organizations: [] })).toBe(false);
    await grant(itemId);
    expect(await sees(itemId, STRANGER)).toBe(false);
  });

  test.each([
    [
      'a team',
      TEAMMATE,
      { kind: 'TEAM', principalId: TEAM, roles: ['METADATA_WRITE'] },
      ['METADATA_READ', 'METADATA_WRITE'],
    ],
    [
      'a user',
      STRANGER,
      { kind: 'USER', principalId: STRANGER.id, roles: ['DATA_READ'] },
      ['METADATA_READ', 'DATA_READ'],
    ],
    [
      'another organization',
      STRANGER,
      { kind: 'ORGANIZATION', principalId: RIVAL, roles: ['METADATA_READ'] },
      ['METADATA_READ'],
    ],
    [
      'its maintainers',
      STRANGER,
      { kind: 'MAINTAINERS', principalId: RIVAL, roles: ['METADATA_READ'] },
      ['METADATA_READ'],
    ],
    ['everyone', STRANGER, { kind: 'EVERYONE', roles: ['METADATA_READ'] }, ['METADATA_READ']],
  ])('opened to %s, it is open to that and ends with the grant', async (name, actor, given, expected) => {
    const { id: itemId } = await steps.aModel({ name: `Opened to ${name}` });
    await grant(itemId, given);
    expect(await roles(itemId, actor)).toEqual(expected);
    expect(await finds(`Opened to ${name}`, actor)).toEqual(EVERYWHERE);
    await grant(itemId);
    expect(await sees(itemId, actor)).toBe(false);
  });

  test('who may do what is shown to those who decide it only', async () => {
    const { id: itemId } = await steps.aModel();
    expect(
      await steps.item(itemId, 'access { kind } accessRequests { edges { node { id } } }', MAINTAINER),
    ).toEqual({
      access: null,
      accessRequests: null,
    });
    expect((await steps.item(itemId, 'access { kind principalId roles }'))?.['access']).toHaveLength(2);
  });

  test('grants that make no sense are refused, each at its place', async () => {
    const { id: itemId } = await steps.aModel();
    expect(
      await steps.refused('setItemAccess', {
        id: itemId,
        grants: [
          { kind: 'EVERYONE', principalId: ACME, roles: ['METADATA_READ'] },
          { kind: 'USER', principalId: 'bob', roles: ['METADATA_READ'] },
          { kind: 'TEAM', principalId: TEAM, roles: [] },
          { kind: 'TEAM', principalId: TEAM.toUpperCase(), roles: ['ADMIN'] },
        ],
      }),
    ).toEqual([
      'BAD_USER_INPUT input.grants.0.principalId',
      'BAD_USER_INPUT input.grants.1.principalId',
      'BAD_USER_INPUT input.grants.2.roles',
      'BAD_USER_INPUT input.grants.3',
    ]);
  });

  test('given to another organization, it is that one’s, and no longer the old one’s', async () => {
    const { id: itemId } = await steps.aModel({ name: 'Given' });
    const both = aMember('ada', 'MAINTAINER', [ACME, RIVAL]);
    await steps.done('transferItem', { id: itemId, organizationId: RIVAL }, both);
    expect(await finds('Given', VIEWER)).toEqual(NOWHERE);
    expect(await roles(itemId, STRANGER)).toHaveLength(5);
    expect(await steps.refused('transferItem', { id: itemId, organizationId: ACME }, STRANGER)).toEqual([
      'NOT_FOUND input.organizationId',
    ]);
  });

  test('grants that were given since the access was read are not lost', async () => {
    const { id: itemId } = await steps.aModel();
    const { seq, access } = (await steps.item(
      itemId,
      'seq access { kind principalId roles }',
    )) as unknown as {
      seq: number;
      access: object[];
    };
    const add = (actor: Actor, expectedSeq?: number) => ({
      ...{ id: itemId, expectedSeq },
      grants: [...access, { kind: 'USER', principalId: actor.id, roles: ['METADATA_READ'] }],
    });
    await steps.done('setItemAccess', add(STRANGER, seq));
    expect(await steps.refused('setItemAccess', add(TEAMMATE, seq))).toEqual(['CONFLICT input.expectedSeq']);
    expect(await sees(itemId, STRANGER)).toBe(true);
    await steps.done('setItemAccess', add(TEAMMATE));
    expect(await sees(itemId, STRANGER)).toBe(false);
  });

  test('what it named before an item may go on naming, though the editor may not see it or it was withdrawn', async () => {
    const organisation = (name: string, actor = ADA) =>
      steps.done('createItem', { subtype: 'ORGANISATION', metadata: { name } }, actor);
    const [closed, gone, other] = [
      await organisation('Closed'),
      await organisation('Gone'),
      await organisation('Other'),
    ];
    const naming = (organisationId: string, publisherId: string, dataCustodianId?: string) => {
      const { associations, datasetInfo, ...dataset } = aDatasetOf(organisationId);
      return {
        ...dataset,
        associations: { ...(associations as object), ...(dataCustodianId && { dataCustodianId }) },
        datasetInfo: { ...(datasetInfo as object), publisherId },
      };
    };
    const metadata = naming(closed.id, gone.pid);
    const { id: itemId } = await steps.done('createItem', { subtype: 'DATASET', metadata });
    await grant(closed.id);
    await steps.done('withdrawItem', { id: gone.id, reason: 'closed down' });

    const edit = (change: object) => ({ id: itemId, reason: 'r', ...change });
    await steps.done('editItem', edit({ tags: ['reef'] }), MAINTAINER);
    await steps.done('editItem', edit({ metadata: naming(closed.id, gone.pid), name: 'Same' }), MAINTAINER);
    // The other way round they stand in places where they belong, too; a person is no organisation, then as now.
    await steps.done('editItem', edit({ metadata: naming(gone.pid, closed.id.toUpperCase()) }), MAINTAINER);
    const refused = (changed: object) => steps.refused('editItem', edit({ metadata: changed }), MAINTAINER);
    const INVALID = 'ITEM_REFERENCE_INVALID input.metadata';
    expect(await refused(naming(gone.pid, closed.id, closed.id))).toEqual([
      `${INVALID}.associations.dataCustodianId`,
    ]);
    await steps.done('editItem', edit({ metadata: naming(other.id, closed.id) }), MAINTAINER);
    expect(await refused(naming(gone.id, closed.id))).toEqual([`${INVALID}.associations.organisationId`]);
  });
});
