import type { Outcome } from '@weft/errors';
import { TEAM_KEEPER, type Team } from '../domain/team.js';
import { lockTeam } from './lock-team.js';
import type { Caller, Transact } from './ports.js';
import { inOneTransaction } from './refusal.js';
import { requireWriter } from './rights.js';

/**
 * Ends a team. Other services may hold grants to it, and hear nothing of this: they compare a grant's team with those
 * of the signed actor, where this id is not found any more and, being unique for ever, never will be again.
 */
export const deleteTeam =
  (transact: Transact) =>
  (caller: Caller, input: { readonly id: string }): Promise<Outcome<Team>> =>
    inOneTransaction(transact, async (tx) => {
      const team = await lockTeam(tx, requireWriter(caller), input.id, TEAM_KEEPER, 'input', 'id');
      await tx.teams.remove(team.id);
      return team;
    });
