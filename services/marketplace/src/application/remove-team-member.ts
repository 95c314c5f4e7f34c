import type { Outcome } from '@weft/errors';
import { isId } from '../domain/id.js';
import { TEAM_KEEPER, type Team } from '../domain/team.js';
import type { TeamMemberInput } from './add-team-member.js';
import { lockTeam } from './lock-team.js';
import type { Caller, Transact } from './ports.js';
import { inOneTransaction } from './refusal.js';
import { requireWriter } from './rights.js';

/** Takes a user out of a team: others by an owner, oneself by anybody. Who is not in it stays out. */
export const removeTeamMember =
  (transact: Transact) =>
  (caller: Caller, input: TeamMemberInput): Promise<Outcome<Team>> =>
    inOneTransaction(transact, async (tx) => {
      const callerId = requireWriter(caller);
      const needed = input.userId === callerId ? 'VIEWER' : TEAM_KEEPER;
      const team = await lockTeam(tx, callerId, input.teamId, needed, 'input', 'teamId');
      if (isId(input.userId)) await tx.teamMembers.remove(team.id, input.userId);
      return team;
    });
