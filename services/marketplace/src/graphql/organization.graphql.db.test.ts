import { describe, expect, it } from 'vitest';
import { aName, testMarketplace, type Newcomer } from '../testing/test-marketplace.js';

const market = await testMarketplace();
const [owner, guest] = await Promise.all([market.newcomer(), market.newcomer()]);

async function anOrganization(): Promise<string> {
  const made = await market.mutate<{ organization: { id: string; viewerRole: string } }>(
    owner.actor,
    'createOrganization',
    { name: aName('org') },
    'organization { id viewerRole }',
  );
  expect(made.organization.viewerRole).toBe('OWNER');
  return made.organization.id;
}

const change = async (who: Newcomer, field: string, input: object): Promise<string[]> => {
  const { userErrors } = await market.mutate(who.actor, field, input, '__typename');
  return userErrors.map((error) => error.code);
};

const memberNames = async (who: Newcomer, id: string): Promise<string[] | null> => {
  const read = await market.ask<{
    organization: { members: { edges: { node: { role: string; user: { name: string } } }[] } } | null;
  }>(
    who.actor,
    'query ($id: ID!) { organization(id: $id) { members { edges { node { role user { name } } } } } }',
    { id },
  );
  return (
    read.organization &&
    read.organization.members.edges.map(({ node }) => `${node.role} ${node.user.name}`).sort()
  );
};

const nameOf = async (who: Newcomer): Promise<string> =>
  (await market.ask<{ me: { name: string } }>(who.actor, '{ me { name } }')).me.name;

describe('an organization', () => {
  it('can be used at once by its maker and by each new member, as far as the role goes', async () => {
    const organizationId = await anOrganization();
    expect(await memberNames(guest, organizationId)).toBeNull();
    expect(
      await change(owner, 'addMember', {
        organizationId,
        userName: (await nameOf(guest)).toUpperCase(),
        role: 'VIEWER',
      }),
    ).toEqual([]);
    expect(await memberNames(guest, organizationId)).toEqual([
      `OWNER ${await nameOf(owner)}`,
      `VIEWER ${await nameOf(guest)}`,
    ]);

    const service = { organizationId, name: aName('s') };
    expect(await change(guest, 'createService', service)).toEqual(['FORBIDDEN']);
    expect(
      await change(owner, 'updateMemberRole', { organizationId, userId: guest.actor.id, role: 'MAINTAINER' }),
    ).toEqual([]);
    expect(await change(guest, 'createService', service)).toEqual([]);
    expect(
      await change(guest, 'addMember', { organizationId, userId: market.operator.id, role: 'VIEWER' }),
    ).toEqual(['FORBIDDEN']);
    expect(
      await change(guest, 'updateMemberRole', { organizationId, userId: guest.actor.id, role: 'OWNER' }),
    ).toEqual(['FORBIDDEN']);
    expect(await change(guest, 'removeMember', { organizationId, userId: owner.actor.id })).toEqual([
      'FORBIDDEN',
    ]);
    expect(
      await change(owner, 'addMember', { organizationId, userId: guest.actor.id, role: 'VIEWER' }),
    ).toEqual(['CONFLICT']);
    expect(await change(owner, 'addMember', { organizationId, role: 'VIEWER' })).toEqual(['BAD_USER_INPUT']);
    expect(
      await change(owner, 'addMember', { organizationId, userName: 'no\u0000body', role: 'VIEWER' }),
    ).toEqual(['NOT_FOUND']);
  });

  it('shows of its people the name only, and nothing more once somebody has left', async () => {
    const organizationId = await anOrganization();
    await change(owner, 'addMember', { organizationId, userId: guest.actor.id, role: 'VIEWER' });
    const seen = async () =>
      market.ask<{ _entities: unknown[] }>(
        guest.actor,
        `query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { name roles createdAt personalOrganization { id } } } }`,
        { r: [{ __typename: 'User', id: owner.actor.id }] },
      );
    expect((await seen())._entities).toEqual([
      { name: await nameOf(owner), roles: null, createdAt: null, personalOrganization: null },
    ]);
    const own = await market.ask(owner.actor, '{ me { id roles personalOrganization { id } } }');
    expect(own).toEqual({
      me: { id: owner.actor.id, roles: [], personalOrganization: { id: owner.actor.personalOrganizationId } },
    });

    // Every membership that the two share must end before they are strangers again.
    const shared = await market.ask<{
      organizations: { edges: { node: { id: string; personal: boolean } }[] };
    }>(guest.actor, '{ organizations(first: 100) { edges { node { id personal } } } }');
    for (const { node } of shared.organizations.edges.filter((edge) => !edge.node.personal)) {
      expect(
        await change(guest, 'removeMember', { organizationId: node.id, userId: guest.actor.id }),
      ).toEqual([]);
    }
    expect((await seen())._entities).toEqual([null]);
    expect(await memberNames(guest, organizationId)).toBeNull();
  });

  it('keeps its last owner, also when two owners remove each other at the same moment', async () => {
    const organizationId = await anOrganization();
    const removal = { organizationId, userId: owner.actor.id };
    expect(await change(owner, 'removeMember', removal)).toEqual(['CONFLICT']);
    expect(await change(owner, 'updateMemberRole', { ...removal, role: 'MAINTAINER' })).toEqual(['CONFLICT']);
    for (let round = 0; round < 10; round++) {
      expect(
        await change(owner, 'addMember', { organizationId, userId: guest.actor.id, role: 'OWNER' }),
      ).toEqual([]);
      const outcomes = await Promise.all([
        change(owner, 'removeMember', { organizationId, userId: guest.actor.id }),
        change(guest, 'removeMember', removal),
      ]);
      expect(outcomes.filter((codes) => codes.length === 0)).toHaveLength(1);
      const left = outcomes[0]?.length === 0 ? owner : guest;
      expect(await memberNames(left, organizationId)).toEqual([`OWNER ${await nameOf(left)}`]);
      if (left === guest) {
        expect(
          await change(guest, 'addMember', { organizationId, userId: owner.actor.id, role: 'OWNER' }),
        ).toEqual([]);
        expect(await change(owner, 'removeMember', { organizationId, userId: guest.actor.id })).toEqual([]);
      }
    }
  });

  it('keeps the user of a personal one as its owner, whoever else owns it', async () => {
    const organizationId = owner.actor.personalOrganizationId as string;
    const third = await market.newcomer();
    expect(
      await change(owner, 'addMember', { organizationId, userId: third.actor.id, role: 'OWNER' }),
    ).toEqual([]);
    expect(await change(third, 'removeMember', { organizationId, userId: owner.actor.id })).toEqual([
      'CONFLICT',
    ]);
    expect(
      await change(third, 'updateMemberRole', { organizationId, userId: owner.actor.id, role: 'VIEWER' }),
    ).toEqual(['CONFLICT']);
    expect(await change(owner, 'removeMember', { organizationId, userId: third.actor.id })).toEqual([]);
  });
});

describe('unique names', () => {
  it('are given once, however many ask at the same moment', async () => {
    const organizationId = await anOrganization();
    const name = aName('race');
    const races: [string, () => object][] = [
      ['createService', () => ({ organizationId, name })],
      ['createOrganization', () => ({ name: aName('Race').slice(0, 5) + name })],
    ];
    for (const [field, input] of races) {
      const same = input();
      const outcomes = await Promise.all(Array.from({ length: 12 }, () => change(owner, field, same)));
      expect(outcomes.filter((codes) => codes.length === 0)).toHaveLength(1);
      expect(outcomes.filter((codes) => codes.length > 0).every((codes) => codes[0] === 'CONFLICT')).toBe(
        true,
      );
    }
    const users = await Promise.all(
      Array.from({ length: 8 }, () =>
        market.mutate(market.operator, 'createUser', { name: `${name}-user` }, 'user { id }'),
      ),
    );
    expect(users.filter((one) => one.userErrors.length === 0)).toHaveLength(1);
  });
});
