import { isId } from '../domain/id.js';
import type { MemberRole } from '../domain/member.js';
import type { Team } from '../domain/team.js';
import type { Transaction } from './ports.js';
import { refuse } from './refusal.js';
import { requireRole } from './rights.js';

const NO_SUCH_TEAM = 'No organization of yours has a team with this id.';

/** The team that is to be changed, by a caller with at least this role in its organization. */
export async function lockTeam(
  tx: Transaction,
  callerId: string,
  teamId: string,
  role: MemberRole,
  ...path: string[]
): Promise<Team> {
  const team = isId(teamId) ? await tx.teams.lock(teamId) : undefined;
  if (team === undefined) refuse('NOT_FOUND', NO_SUCH_TEAM, ...path);
  await requireRole(tx, callerId, team.organizationId, role, NO_SUCH_TEAM, ...path);
  return team;
}
