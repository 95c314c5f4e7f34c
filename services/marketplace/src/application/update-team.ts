import type { Outcome } from '@weft/errors';
import { TEAM_KEEPER, teamProblems, type Team } from '../domain/team.js';
import { lockTeam } from './lock-team.js';
import type { Caller, Transact } from './ports.js';
import { inOneTransaction, refuse, refuseFor } from './refusal.js';
import { requireWriter } from './rights.js';

export interface UpdateTeamInput {
  readonly id: string;
  /** Absent, here and below: stays as it is. */
  readonly name?: string | null;
  readonly description?: string | null;
}

export const updateTeam =
  (transact: Transact) =>
  (caller: Caller, input: UpdateTeamInput): Promise<Outcome<Team>> =>
    inOneTransaction(transact, async (tx) => {
      const team = await lockTeam(tx, requireWriter(caller), input.id, TEAM_KEEPER, 'input', 'id');
      const wanted: Team = {
        ...team,
        name: input.name ?? team.name,
        description: input.description ?? team.description,
      };
      refuseFor(teamProblems(wanted));
      await tx.organizations.lock(team.organizationId);
      const saved = await tx.teams.save(wanted);
      return (
        saved ?? refuse('CONFLICT', 'The organization has another team with this name.', 'input', 'name')
      );
    });
