import { describe, expect, it } from 'vitest';
import { teamSteps } from '../testing/team-steps.js';
import { aName, testMarketplace, type Newcomer } from '../testing/test-marketplace.js';

const market = await testMarketplace();
const { change, done, codes, anOrganization, aTeam, told } = teamSteps(market);
const [owner, keeper, viewer] = await Promise.all([market.newcomer(), market.newcomer(), market.newcomer()]);

interface Names {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean };
}

const PAGE = '{ edges { cursor node { id } } pageInfo { hasNextPage } }';

const membersOf = async (who: Newcomer, id: string): Promise<string[] | null> => {
  const { team } = await market.ask<{
    team: { members: { edges: { node: { user: { id: string } } }[] } } | null;
  }>(
    who.actor,
    'query ($id: ID!) { team(id: $id) { members(first: 100) { edges { node { createdAt user { id } } } } } }',
    { id },
  );
  return team && team.members.edges.map(({ node }) => node.user.id).sort();
};

const idsOf = (...people: readonly Newcomer[]): string[] => people.map(({ actor }) => actor.id).sort();

describe('a team', () => {
  it('is made, changed, filled and deleted by an owner, seen by every member, and told to the gateway', async () => {
    const organizationId = await anOrganization(owner, viewer);
    const made = await market.mutate<{ team: { id: string } }>(
      owner.actor,
      'createTeam',
      { organizationId, name: 'Stewards', description: 'keep\nthe data' },
      'team { id name description createdAt organization { id } members { edges { cursor } } }',
    );
    expect(made).toEqual({
      team: {
        id: expect.any(String) as string,
        name: 'Stewards',
        description: 'keep\nthe data',
        createdAt: expect.any(String) as string,
        organization: { id: organizationId },
        members: { edges: [] },
      },
      userErrors: [],
    });
    const teamId = made.team.id;
    const joining = { teamId, userId: viewer.actor.id };
    expect(await told(viewer)).toEqual([]);
    const added = () =>
      market.mutate(owner.actor, 'addTeamMember', joining, 'teamMember { createdAt user { id } }');
    const first = await added();
    expect(first).toMatchObject({ teamMember: { user: { id: viewer.actor.id } }, userErrors: [] });
    expect(await added(), 'may be repeated').toEqual(first);
    expect(await told(viewer)).toEqual([teamId]);
    expect(await membersOf(viewer, teamId)).toEqual(idsOf(viewer));

    const renamed = { id: teamId, name: 'STEWARDS' };
    for (const input of [renamed, renamed, { id: teamId, name: null }, { id: teamId, description: '' }])
      await done(owner, 'updateTeam', input);
    const asked = 'query ($id: ID!) { team(id: $id) { name description } }';
    expect(await market.ask(viewer.actor, asked, { id: teamId })).toEqual({
      team: { name: 'STEWARDS', description: '' },
    });

    const leaving = { teamId, userId: viewer.actor.id };
    await done(owner, 'removeTeamMember', leaving);
    await done(owner, 'removeTeamMember', leaving);
    expect([await told(viewer), await membersOf(owner, teamId)]).toEqual([[], []]);

    await done(owner, 'addTeamMember', joining);
    expect(await market.mutate(owner.actor, 'deleteTeam', { id: teamId }, 'team { id }')).toEqual({
      team: { id: teamId },
      userErrors: [],
    });
    expect([await told(viewer), await membersOf(owner, teamId)]).toEqual([[], null]);
    expect(await codes(owner, 'deleteTeam', { id: teamId })).toEqual(['NOT_FOUND']);
  });

  it('is changed by nobody below OWNER, but left by anybody', async () => {
    const organizationId = await anOrganization(owner, keeper, viewer);
    await done(owner, 'updateMemberRole', { organizationId, userId: keeper.actor.id, role: 'MAINTAINER' });
    const teamId = await aTeam(owner, organizationId, viewer);
    for (const who of [keeper, viewer]) {
      const attempts: [string, object][] = [
        ['createTeam', { organizationId, name: aName('team') }],
        ['updateTeam', { id: teamId, name: aName('team') }],
        ['deleteTeam', { id: teamId }],
        ['addTeamMember', { teamId, userId: who.actor.id }],
        ['removeTeamMember', { teamId, userId: owner.actor.id }],
      ];
      for (const [field, input] of attempts)
        expect([field, await codes(who, field, input)]).toEqual([field, ['FORBIDDEN']]);
    }
    expect(await membersOf(keeper, teamId)).toEqual(idsOf(viewer));
    await done(viewer, 'removeTeamMember', { teamId, userId: viewer.actor.id });
    expect(await membersOf(keeper, teamId)).toEqual([]);
    const reader = { ...owner, actor: { ...owner.actor, scopes: ['read'] } };
    expect(await codes(reader, 'deleteTeam', { id: teamId })).toEqual(['FORBIDDEN']);
  });

  it('has a name of its own in the organization, whatever the case and however many ask at once', async () => {
    const organizationId = await anOrganization(owner);
    const elsewhere = await anOrganization(owner);
    const name = aName('Team');
    const races = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        change(owner, 'createTeam', {
          organizationId,
          name: index % 2 === 0 ? name : name.toUpperCase(),
        }),
      ),
    );
    const refused = races.filter((one) => one.length > 0);
    expect(refused).toHaveLength(7);
    for (const one of refused) expect(one).toMatchObject([{ code: 'CONFLICT', path: 'input.name' }]);
    await done(owner, 'createTeam', { organizationId: elsewhere, name });

    const others = await Promise.all([1, 2, 3, 4, 5, 6].map(() => aTeam(owner, organizationId)));
    const taken = await Promise.all(
      others.map((id) => change(owner, 'updateTeam', { id, name: name.toLowerCase() })),
    );
    for (const one of taken) expect(one).toMatchObject([{ code: 'CONFLICT', path: 'input.name' }]);
    for (let round = 0; round < 10; round++) {
      const fresh = aName('fresh');
      const renamed = await Promise.all(others.map((id) => codes(owner, 'updateTeam', { id, name: fresh })));
      expect(renamed.flat()).toEqual(others.slice(1).map(() => 'CONFLICT'));
    }

    for (const [field, input] of [
      ['createTeam', { organizationId, name: 'x'.repeat(101) }],
      ['createTeam', { organizationId, name: 'n', description: 'x'.repeat(4_001) }],
      ['updateTeam', { id: others[0], name: ' ' }],
    ] as const)
      expect(await codes(owner, field, input)).toEqual(['BAD_USER_INPUT']);
  });

  it('is read in pages, its members and those of a user too', async () => {
    const organizationId = await anOrganization(owner, keeper, viewer);
    const ids: string[] = [];
    for (let index = 0; index < 5; index++)
      ids.push(await aTeam(owner, organizationId, ...(index < 3 ? [viewer, keeper, owner] : [])));

    const walk = async (query: string, at: readonly string[], id: string): Promise<string[]> => {
      const found: string[] = [];
      for (let after: string | null = null; ;) {
        let answer: unknown = await market.ask(keeper.actor, query, { id, after });
        for (const key of at) answer = (answer as Record<string, unknown>)[key];
        const { edges, pageInfo } = answer as Names;
        expect(edges.length).toBeLessThanOrEqual(2);
        found.push(...edges.map(({ node }) => node.id));
        after = edges.at(-1)?.cursor ?? null;
        if (!pageInfo.hasNextPage) return found;
      }
    };
    const teams = `query ($id: ID!, $after: String) { organization(id: $id) { teams(first: 2, after: $after) ${PAGE} } }`;
    expect(await walk(teams, ['organization', 'teams'], organizationId)).toEqual(ids);
    const members = `query ($id: ID!, $after: String) { team(id: $id) { members(first: 2, after: $after) {
      edges { cursor node { user { id } } } pageInfo { hasNextPage } } } }`;
    expect(await walk(members, ['team', 'members'], ids[0] as string)).toHaveLength(3);
    const ofUser = `query ($after: String) { me { teams(first: 2, after: $after) ${PAGE} } }`;
    expect(await walk(ofUser, ['me', 'teams'], organizationId)).toEqual(ids.slice(0, 3));
    const malformed = await market.send(keeper.actor, teams, { id: organizationId, after: 'nonsense' });
    expect(malformed.errors?.map((error) => error.extensions.code)).toEqual(['BAD_USER_INPUT']);
  });
});

describe('a member who is removed', () => {
  it('leaves the teams of that organization and no others', async () => {
    const third = await market.newcomer();
    const [one, other] = [await anOrganization(owner, third), await anOrganization(owner, third)];
    const [first, second, kept] = [
      await aTeam(owner, one, third, owner),
      await aTeam(owner, one, third),
      await aTeam(owner, other, third),
    ];
    expect(await told(third)).toEqual([first, second, kept].sort());
    await done(owner, 'removeMember', { organizationId: one, userId: third.actor.id });
    expect(await told(third)).toEqual([kept]);
    expect(await membersOf(owner, first)).toEqual(idsOf(owner));
    expect(await membersOf(third, first)).toBeNull();
    await done(owner, 'addMember', { organizationId: one, userId: third.actor.id, role: 'VIEWER' });
    expect(await told(third), 'who comes back is in no team').toEqual([kept]);
  });

  it('is in no team either when it is put into one at the same moment', async () => {
    const organizationId = await anOrganization(owner);
    const teamId = await aTeam(owner, organizationId);
    const third = await market.newcomer();
    const userId = third.actor.id;
    for (let round = 0; round < 20; round++) {
      await done(owner, 'addMember', { organizationId, userId, role: 'VIEWER' });
      const [added] = await Promise.all([
        codes(owner, 'addTeamMember', { teamId, userId }),
        done(owner, 'removeMember', { organizationId, userId }),
      ]);
      expect([[], ['NOT_FOUND']]).toContainEqual(added);
      expect([await told(third), await membersOf(owner, teamId)]).toEqual([[], []]);
    }
  });

  it('cannot be put into a team, and is refused in the same words as nobody', async () => {
    const organizationId = await anOrganization(owner);
    const teamId = await aTeam(owner, organizationId);
    const stranger = await market.newcomer();
    const refusals = await Promise.all(
      [stranger.actor.id, '00000000-0000-4000-8000-000000000000', 'nobody'].map((userId) =>
        change(owner, 'addTeamMember', { teamId, userId }),
      ),
    );
    expect(refusals[0]).toMatchObject([{ code: 'NOT_FOUND', path: 'input.userId' }]);
    expect(refusals).toEqual([refusals[0], refusals[0], refusals[0]]);
    await done(owner, 'removeTeamMember', { teamId, userId: 'nobody' });
  });
});
