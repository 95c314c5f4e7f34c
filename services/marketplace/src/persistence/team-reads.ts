// Reads about teams, which the members of their organization see.
import type { EntityManager } from 'typeorm';
import type { ReadStore } from '../application/ports.js';
import { readPage } from './read-page.js';
import { TeamMemberTable, TeamTable } from './team-table.js';
import { isMemberOf } from './visible.js';

type TeamReads = Pick<ReadStore, 'teamsById' | 'teams' | 'teamsOfUser' | 'teamMembers'>;

export const teamReads = (manager: () => EntityManager): TeamReads => {
  const teamsSeenBy = (viewer: string) =>
    manager().createQueryBuilder(TeamTable, 't').where(isMemberOf('t.organization_id'), { viewer });
  return {
    teamsById: (viewer, ids) => teamsSeenBy(viewer).andWhere('t.id = any (:ids)', { ids }).getMany(),
    teams: (viewer, organizationId, page) =>
      readPage(
        teamsSeenBy(viewer).andWhere('t.organization_id = :organizationId', { organizationId }),
        page,
        't.id',
        'ASC',
      ),
    teamsOfUser: (viewer, userId, page) =>
      readPage(
        teamsSeenBy(viewer).andWhere(
          't.id in (select theirs.team_id from team_member theirs where theirs.user_id = :userId)',
          { userId },
        ),
        page,
        't.id',
        'ASC',
      ),
    teamMembers: (viewer, teamId, page) =>
      readPage(
        manager()
          .createQueryBuilder(TeamMemberTable, 'm')
          .where('m.team_id = :teamId', { teamId })
          .andWhere(isMemberOf('m.organization_id'), { viewer }),
        page,
        'm.userId',
        'ASC',
      ),
  };
};
