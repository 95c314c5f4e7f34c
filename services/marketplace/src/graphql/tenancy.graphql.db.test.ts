import type { Actor } from '@weft/identity';
import { theGateway } from '@weft/testkit';
import { describe, expect, it } from 'vitest';
import { teamSteps } from '../testing/team-steps.js';
import { aName, testMarketplace } from '../testing/test-marketplace.js';
import { aService, aVersion, code, publish, type Id } from '../testing/service-steps.js';

const market = await testMarketplace();
const [alice, mallory] = await Promise.all([market.newcomer(), market.newcomer()]);
const { anOrganization, aTeam, change, done } = teamSteps(market);

describe('another tenant', () => {
  it('sees nothing that is not published, by no way in', async () => {
    const { actor } = alice;
    const service = await aService(market, actor);
    const hidden = await aVersion(market, actor, service.id);
    const team = await aTeam(alice, actor.personalOrganizationId as string);
    const everything = `query ($org: ID!, $team: ID!, $service: ID!, $version: ID!, $name: String!, $representations: [_Any!]!) {
      team(id: $team) { id }
      organization(id: $org) { id }
      service(id: $service) { id }
      serviceVersion(id: $version) { id }
      serviceByName(organizationId: $org, name: $name) { id }
      services(first: 100, filter: { organizationId: $org }) { edges { node { id } } }
      _entities(representations: $representations) { __typename }
    }`;
    const variables = {
      org: actor.personalOrganizationId,
      team,
      service: service.id,
      version: hidden,
      name: service.name,
      representations: [
        { __typename: 'Organization', id: actor.personalOrganizationId },
        { __typename: 'User', id: actor.id },
        { __typename: 'Team', id: team },
        { __typename: 'Service', id: service.id },
        { __typename: 'ServiceVersion', id: hidden },
      ],
    };
    const nothing = {
      organization: null,
      team: null,
      service: null,
      serviceVersion: null,
      serviceByName: null,
      _entities: [null, null, null, null, null],
    };
    const strangers = await market.ask<Record<string, unknown>>(mallory.actor, everything, variables);
    expect(strangers).toMatchObject(nothing);
    const listed = (answer: Record<string, unknown>): string[] =>
      (answer['services'] as { edges: { node: Id }[] }).edges.map((edge) => edge.node.id);
    expect(listed(strangers)).not.toContain(service.id);
    const gateways = await market.send<unknown>({ ...theGateway, scopes: ['read'] }, everything, variables);
    expect(gateways).toMatchObject({ data: nothing });

    // The same questions do find it for its owner, so the nulls above mean something.
    const owners = await market.ask<Record<string, unknown>>(actor, everything, variables);
    expect(owners).toMatchObject({
      organization: { id: variables.org },
      team: { id: team },
      service: { id: service.id },
      serviceVersion: { id: hidden },
    });
    expect(owners['_entities']).toEqual(
      ['Organization', 'User', 'Team', 'Service', 'ServiceVersion'].map((__typename) => ({ __typename })),
    );
    expect(listed(owners)).toContain(service.id);
  });

  it('forges no membership: what counts is what the tables say, not the organizations in the actor', async () => {
    const org = alice.actor.personalOrganizationId as string;
    const forged: Actor = {
      ...mallory.actor,
      organizations: [{ id: org, role: 'OWNER' }],
      personalOrganizationId: org,
    };
    expect(await market.ask(forged, 'query ($org: ID!) { organization(id: $org) { id } }', { org })).toEqual({
      organization: null,
    });
    const made = await market.mutate(
      forged,
      'createService',
      { organizationId: org, name: aName('s') },
      'service { id }',
    );
    expect(made).toMatchObject({ service: null, userErrors: [{ code: 'NOT_FOUND' }] });
  });

  it('changes nothing, published or not', async () => {
    const { actor } = alice;
    const org = actor.personalOrganizationId;
    const service = await aService(market, actor);
    const shown = await aVersion(market, actor, service.id);
    await publish(market, actor, shown);
    const teamId = await aTeam(alice, org as string, alice);
    const attempts: [string, object][] = [
      ['createService', { organizationId: org, name: aName('s') }],
      ['addServiceVersion', { serviceId: service.id, version: '2', code }],
      ['publishServiceVersion', { id: await aVersion(market, actor, service.id) }],
      ['addMember', { organizationId: org, userId: mallory.actor.id, role: 'OWNER' }],
      ['updateMemberRole', { organizationId: org, userId: actor.id, role: 'VIEWER' }],
      ['removeMember', { organizationId: org, userId: actor.id }],
      ['revokePersonalToken', { id: actor.tokenId }],
      ['createTeam', { organizationId: org, name: aName('team') }],
      ['updateTeam', { id: teamId, name: aName('team') }],
      ['deleteTeam', { id: teamId }],
      ['addTeamMember', { teamId, userId: mallory.actor.id }],
      ['removeTeamMember', { teamId, userId: actor.id }],
      ['removeTeamMember', { teamId, userId: mallory.actor.id }],
    ];
    for (const [field, input] of attempts) {
      const { userErrors } = await market.mutate(mallory.actor, field, input, '__typename');
      expect([field, userErrors.map((error) => error.code)]).toEqual([field, ['NOT_FOUND']]);
    }
    expect(await market.actorOf(alice.secret)).toBeDefined();
  });

  it('hears of a foreign team the words for one that does not exist', async () => {
    const foreign = await aTeam(alice, alice.actor.personalOrganizationId as string);
    const userId = mallory.actor.id;
    const attempts = (id: string): [string, object][] => [
      ['updateTeam', { id, name: aName('team') }],
      ['deleteTeam', { id }],
      ['addTeamMember', { teamId: id, userId }],
      ['removeTeamMember', { teamId: id, userId }],
    ];
    const heard = (id: string) =>
      Promise.all(attempts(id).map(([field, input]) => change(mallory, field, input)));
    const ofForeign = await heard(foreign);
    expect(ofForeign).toEqual(await heard('0190c0de-0000-7000-8000-000000000009'));
    expect(ofForeign).toEqual(await heard('no id'));
  });

  it('sees of a user only the teams of organizations that both are in', async () => {
    const shared = await anOrganization(alice, mallory);
    const [seen, hidden] = [
      await aTeam(alice, shared, alice),
      await aTeam(alice, alice.actor.personalOrganizationId as string, alice),
    ];
    const teamsOfAlice = async (actor: Actor): Promise<string[]> => {
      const answer = await market.ask<{ _entities: [{ teams: { edges: { node: Id }[] } }] }>(
        actor,
        `query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { teams { edges { node { id } } } } } }`,
        { r: [{ __typename: 'User', id: alice.actor.id }] },
      );
      return answer._entities[0].teams.edges.map((edge) => edge.node.id);
    };
    expect(await teamsOfAlice(mallory.actor)).toEqual([seen]);
    expect(await teamsOfAlice(alice.actor)).toEqual(expect.arrayContaining([seen, hidden]));
    await done(mallory, 'removeMember', { organizationId: shared, userId: mallory.actor.id });
  });

  it('sees a published version and its service, but neither its sisters nor the people behind it', async () => {
    const { actor } = alice;
    const service = await aService(market, actor);
    const shown = await aVersion(market, actor, service.id);
    await publish(market, actor, shown);
    const sister = await aVersion(market, actor, service.id);
    const seen = await market.ask(
      mallory.actor,
      `query ($id: ID!, $sister: ID!) {
        serviceVersion(id: $sister) { id }
        service(id: $id) { providerName organization { id } createdBy { id } latestVersion { id } versions { edges { node { id } } } }
        services(first: 1) { edges { node { id } } }
      }`,
      { id: service.id, sister },
    );
    expect(seen).toEqual({
      serviceVersion: null,
      service: {
        providerName: expect.stringMatching(/^user-/) as string,
        organization: null,
        createdBy: null,
        latestVersion: { id: shown },
        versions: { edges: [{ node: { id: shown } }] },
      },
      services: { edges: [{ node: { id: service.id } }] },
    });
  });

  it('needs a signed actor for anything, and the scope for what it does', async () => {
    for (const query of ['{ __typename }', '{ _service { sdl } }', '{ __schema { types { name } } }']) {
      const response = await fetch(market.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${alice.secret}` },
        body: JSON.stringify({ query }),
      });
      expect(response.status).toBe(401);
    }
    const reader: Actor = { ...alice.actor, scopes: ['read'] };
    const made = await market.mutate(reader, 'createService', { name: aName('s') }, 'service { id }');
    expect(made.userErrors.map((error) => error.code)).toEqual(['FORBIDDEN']);
    const blind = await market.send<unknown>(
      { ...alice.actor, scopes: [] },
      '{ services { edges { cursor } } }',
    );
    expect(blind.errors?.map((error) => error.extensions.code)).toEqual(['FORBIDDEN']);
  });
});
