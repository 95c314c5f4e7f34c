// Steps that several suites take with teams.
import { expect } from 'vitest';
import { aName, type Newcomer, type TestMarketplace } from './test-marketplace.js';

export interface Refused {
  readonly code: string;
  readonly path: string;
  readonly message: string;
}

export const teamSteps = (market: TestMarketplace) => {
  /** What a mutation refuses; nothing when it was done. */
  const change = async (who: Newcomer, field: string, input: object): Promise<Refused[]> => {
    const { userErrors } = await market.mutate(who.actor, field, input, '__typename');
    return userErrors.map(({ code, path, message }) => ({ code, path: path.join('.'), message }));
  };
  const done = async (who: Newcomer, field: string, input: object): Promise<void> =>
    expect([field, await change(who, field, input)]).toEqual([field, []]);
  return {
    change,
    done,
    codes: async (who: Newcomer, field: string, input: object): Promise<string[]> =>
      (await change(who, field, input)).map((refused) => refused.code),
    async anOrganization(owner: Newcomer, ...members: readonly Newcomer[]): Promise<string> {
      const made = await market.mutate<{ organization: { id: string } }>(
        owner.actor,
        'createOrganization',
        { name: aName('org') },
        'organization { id }',
      );
      const organizationId = made.organization.id;
      for (const { actor } of members)
        await done(owner, 'addMember', { organizationId, userId: actor.id, role: 'VIEWER' });
      return organizationId;
    },
    async aTeam(owner: Newcomer, organizationId: string, ...members: readonly Newcomer[]): Promise<string> {
      const made = await market.mutate<{ team: { id: string } | null }>(
        owner.actor,
        'createTeam',
        { organizationId, name: aName('team') },
        'team { id }',
      );
      expect(made.userErrors).toEqual([]);
      const teamId = made.team?.id as string;
      for (const { actor } of members) await done(owner, 'addTeamMember', { teamId, userId: actor.id });
      return teamId;
    },
    /** The teams that the gateway learns of. */
    async told(who: Newcomer): Promise<readonly string[] | undefined> {
      return (await market.actorOf(who.secret))?.teams;
    },
  };
};
