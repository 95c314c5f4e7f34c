import type { Actor } from '@weft/identity';
import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { MAX_MEMBERSHIPS } from '../domain/member.js';
import { MAX_TEAM_MEMBERS, MAX_TEAMS, MAX_TEAMS_OF_USER } from '../domain/team.js';
import { newId } from '@weft/database';
import { teamSteps } from '../testing/team-steps.js';
import { aName, testMarketplace } from '../testing/test-marketplace.js';

const market = await testMarketplace();
const { change, codes, done, anOrganization, aTeam, told } = teamSteps(market);
const owner = await market.newcomer();
const tables = new pg.Client({ connectionString: market.databaseUrl });
await tables.connect();
afterAll(() => tables.end());

const fillTeams = (organizationId: string, count: number) =>
  tables.query(
    `insert into team (id, organization_id, name, description)
     select gen_random_uuid(), $1, 'filler ' || n, '' from generate_series(1, $2::integer) n`,
    [organizationId, count],
  );

describe('the limits of teams', () => {
  it('end the teams of an organization at 1000, also when two take the last place at once', async () => {
    const organizationId = await anOrganization(owner);
    await fillTeams(organizationId, MAX_TEAMS - 1);
    const outcomes = await Promise.all(
      [1, 2].map(() => change(owner, 'createTeam', { organizationId, name: aName('last') })),
    );
    expect(outcomes.filter((one) => one.length === 0)).toHaveLength(1);
    expect(outcomes.flat()).toMatchObject([
      {
        code: 'CONFLICT',
        path: 'input.organizationId',
        message: expect.stringContaining('1000 teams') as string,
      },
    ]);
  });

  it('end the members of a team at 1000', async () => {
    const [last, tooMany] = [await market.newcomer(), await market.newcomer()];
    const organizationId = await anOrganization(owner, last, tooMany);
    const teamId = await aTeam(owner, organizationId);
    await tables.query(
      `with people as (insert into "user" (id, name, roles)
         select gen_random_uuid(), gen_random_uuid()::text, '{}' from generate_series(1, $3::integer) returning id),
       members as (insert into member (organization_id, user_id, role) select $1::uuid, id, 'VIEWER' from people returning user_id)
       insert into team_member (team_id, user_id, organization_id) select $2::uuid, user_id, $1::uuid from members`,
      [organizationId, teamId, MAX_TEAM_MEMBERS - 1],
    );
    await done(owner, 'addTeamMember', { teamId, userId: last.actor.id });
    expect(await change(owner, 'addTeamMember', { teamId, userId: tooMany.actor.id })).toMatchObject([
      { code: 'CONFLICT', message: expect.stringContaining('1000 members') as string },
    ]);
    await done(owner, 'addTeamMember', { teamId, userId: last.actor.id });
  });

  it('end the teams of a user at 100 over all organizations, also at many at once', async () => {
    const other = await market.newcomer();
    const member = await market.newcomer();
    const full = await anOrganization(owner, member);
    await fillTeams(full, MAX_TEAMS_OF_USER - 1);
    await tables.query(
      `insert into team_member (team_id, user_id, organization_id) select id, $2::uuid, organization_id from team where organization_id = $1`,
      [full, member.actor.id],
    );
    const there = await anOrganization(other, member);
    const more = await Promise.all([
      aTeam(owner, full),
      ...Array.from({ length: 7 }, () => aTeam(other, there)),
    ]);
    const userId = member.actor.id;
    for (let round = 0; round < 5; round++) {
      const outcomes = await Promise.all(
        more.map((teamId, index) => codes(index === 0 ? owner : other, 'addTeamMember', { teamId, userId })),
      );
      expect(outcomes.flat()).toEqual(Array.from({ length: 7 }, () => 'CONFLICT'));
      expect(await told(member)).toHaveLength(MAX_TEAMS_OF_USER);
      const joined = more[outcomes.findIndex((one) => one.length === 0)];
      await done(member, 'removeTeamMember', { teamId: joined, userId });
    }
  });

  it('leave the largest actor small enough for the header that it travels in', async () => {
    const largest: Actor = {
      ...owner.actor,
      organizations: Array.from({ length: MAX_MEMBERSHIPS }, () => ({ id: newId(), role: 'MAINTAINER' })),
      teams: Array.from({ length: MAX_TEAMS_OF_USER }, newId),
      roles: ['operator'],
    };
    expect(await market.ask(largest, '{ me { id } }')).toEqual({ me: { id: owner.actor.id } });
    // Node takes 16 KiB of headers; what else a request brings must fit beside the actor.
    expect((await market.authorization(largest)).length).toBeLessThan(15 * 1_024);
  });
});
