// Reads about people and organizations.
import { In, type EntityManager } from 'typeorm';
import type { ReadStore } from '../application/ports.js';
import { MemberTable } from './member-table.js';
import { OrganizationTable } from './organization-table.js';
import { PersonalTokenTable } from './personal-token-table.js';
import { readPage } from './read-page.js';
import { UserTable } from './user-table.js';
import { isMemberOf, userIsVisible } from './visible.js';

type MemberReads = Pick<
  ReadStore,
  | 'users'
  | 'personalOrganization'
  | 'organizationsById'
  | 'organizations'
  | 'membershipsOf'
  | 'members'
  | 'organizationNames'
  | 'tokens'
>;

export const memberReads = (manager: () => EntityManager): MemberReads => {
  const organizationsOf = (viewer: string) =>
    manager().createQueryBuilder(OrganizationTable, 'o').where(isMemberOf('o.id'), { viewer });
  return {
    users: (viewer, ids) =>
      manager()
        .createQueryBuilder(UserTable, 'u')
        .where('u.id = any (:ids)', { ids })
        .andWhere(userIsVisible('u'), { viewer })
        .getMany(),
    personalOrganization: async (userId) =>
      (await manager().findOneBy(OrganizationTable, { personalUserId: userId })) ?? undefined,
    organizationsById: (viewer, ids) =>
      organizationsOf(viewer).andWhere('o.id = any (:ids)', { ids }).getMany(),
    organizations: (viewer, page) => readPage(organizationsOf(viewer), page, 'o.id', 'ASC'),
    membershipsOf: (viewer, ids) =>
      manager().findBy(MemberTable, { userId: viewer, organizationId: In([...ids]) }),
    members: (viewer, organizationId, page) =>
      readPage(
        manager()
          .createQueryBuilder(MemberTable, 'm')
          .where('m.organization_id = :organizationId', { organizationId })
          .andWhere(isMemberOf('m.organization_id'), { viewer }),
        page,
        'm.userId',
        'ASC',
      ),
    organizationNames: (ids) =>
      manager()
        .createQueryBuilder(OrganizationTable, 'o')
        .select(['o.id', 'o.name'])
        .where('o.id = any (:ids)', { ids })
        .getMany(),
    tokens: (userId, page) =>
      readPage(
        manager().createQueryBuilder(PersonalTokenTable, 't').where('t.user_id = :userId', { userId }),
        page,
        't.id',
        'DESC',
      ),
  };
};
