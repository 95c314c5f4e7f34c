import type { EntityManager } from 'typeorm';
import type { Organizations } from '../application/ports.js';
import { insertUnlessTaken } from './insert-unless-taken.js';
import { OrganizationTable } from './organization-table.js';

export const organizationStore = (manager: EntityManager): Organizations => ({
  insert: (organization) =>
    insertUnlessTaken(manager, OrganizationTable, organization, { id: organization.id }),
  lock: async (id) =>
    (await manager.findOne(OrganizationTable, { where: { id }, lock: { mode: 'pessimistic_write' } })) ??
    undefined,
  personalOf: async (userId) =>
    (await manager.findOneBy(OrganizationTable, { personalUserId: userId })) ?? undefined,
});
