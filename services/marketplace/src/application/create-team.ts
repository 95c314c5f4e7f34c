import type { Outcome } from '@weft/errors';
import { moreTeamsProblems, TEAM_KEEPER, teamProblems, type Team } from '../domain/team.js';
import type { Caller, NewId, Transact } from './ports.js';
import { inOneTransaction, refuse, refuseFor } from './refusal.js';
import { NO_SUCH_ORGANIZATION, requireRole, requireWriter } from './rights.js';

export interface CreateTeamInput {
  readonly organizationId: string;
  readonly name: string;
  readonly description?: string | null;
}

/** Makes a team, at first without members. */
export const createTeam =
  (transact: Transact, newId: NewId) =>
  (caller: Caller, input: CreateTeamInput): Promise<Outcome<Team>> =>
    inOneTransaction(transact, async (tx) => {
      const userId = requireWriter(caller);
      const { organizationId, name } = input;
      const description = input.description ?? '';
      refuseFor(teamProblems({ name, description }));
      await requireRole(
        tx,
        userId,
        organizationId,
        TEAM_KEEPER,
        NO_SUCH_ORGANIZATION,
        'input',
        'organizationId',
      );
      await tx.organizations.lock(organizationId);
      refuseFor(moreTeamsProblems(await tx.teams.countIn(organizationId), 'input', 'organizationId'));
      const team = await tx.teams.insert({ id: newId(), organizationId, name, description });
      return (
        team ?? refuse('CONFLICT', 'The organization has a team with this name already.', 'input', 'name')
      );
    });
