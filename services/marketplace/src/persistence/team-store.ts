import type { EntityManager } from 'typeorm';
import type { TeamMembers, Teams } from '../application/ports.js';
import { insertUnlessTaken } from './insert-unless-taken.js';
import { TeamMemberTable, TeamTable } from './team-table.js';

export const teamStore = (manager: EntityManager): Teams => ({
  insert: (team) => insertUnlessTaken(manager, TeamTable, team, { id: team.id }),
  lock: async (id) =>
    (await manager.findOne(TeamTable, { where: { id }, lock: { mode: 'pessimistic_write' } })) ?? undefined,
  save: async (team) => {
    const taken = await manager
      .createQueryBuilder(TeamTable, 't')
      .where('t.organization_id = :organizationId and lower(t.name) = lower(:name) and t.id <> :id', team)
      .getExists();
    if (taken) return undefined;
    await manager.update(TeamTable, { id: team.id }, { name: team.name, description: team.description });
    return team;
  },
  remove: async (id) => {
    await manager.delete(TeamTable, { id });
  },
  countIn: (organizationId) => manager.countBy(TeamTable, { organizationId }),
});

export const teamMemberStore = (manager: EntityManager): TeamMembers => ({
  insert: (member) =>
    insertUnlessTaken(manager, TeamMemberTable, member, { teamId: member.teamId, userId: member.userId }),
  find: async (teamId, userId) => (await manager.findOneBy(TeamMemberTable, { teamId, userId })) ?? undefined,
  remove: async (teamId, userId) => {
    await manager.delete(TeamMemberTable, { teamId, userId });
  },
  countIn: (teamId) => manager.countBy(TeamMemberTable, { teamId }),
  countOf: (userId) => manager.countBy(TeamMemberTable, { userId }),
});
