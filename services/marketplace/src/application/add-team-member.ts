import type { Outcome } from '@weft/errors';
import { isId } from '../domain/id.js';
import { joinTeamProblems, TEAM_KEEPER, type TeamMember } from '../domain/team.js';
import { lockTeam } from './lock-team.js';
import type { Caller, Transact } from './ports.js';
import { inOneTransaction, refuse, refuseFor } from './refusal.js';
import { requireWriter } from './rights.js';

export interface TeamMemberInput {
  readonly teamId: string;
  readonly userId: string;
}

/** Puts a member of the organization into one of its teams; who is in it already stays so. */
export const addTeamMember =
  (transact: Transact) =>
  (caller: Caller, input: TeamMemberInput): Promise<Outcome<TeamMember>> =>
    inOneTransaction(transact, async (tx) => {
      const team = await lockTeam(tx, requireWriter(caller), input.teamId, TEAM_KEEPER, 'input', 'teamId');
      const { organizationId } = team;
      // Locked for the number of the user's teams; the membership, so that it does not end before it is known here.
      const user = isId(input.userId) ? await tx.users.lock(input.userId) : undefined;
      const member = user && (await tx.members.hold(organizationId, user.id));
      if (member === undefined)
        refuse(
          'NOT_FOUND',
          "This user is not a member of the team's organization: add the user there first.",
          'input',
          'userId',
        );
      const { userId } = member;
      const present = await tx.teamMembers.find(team.id, userId);
      if (present !== undefined) return present;
      const [members, teams] = [await tx.teamMembers.countIn(team.id), await tx.teamMembers.countOf(userId)];
      refuseFor(joinTeamProblems(members, teams, 'input'));
      const added = await tx.teamMembers.insert({ teamId: team.id, organizationId, userId });
      if (added === undefined) throw new Error('a locked team got this member meanwhile');
      return added;
    });
