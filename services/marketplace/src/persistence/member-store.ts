import type { EntityManager } from 'typeorm';
import type { Members } from '../application/ports.js';
import type { Member } from '../domain/member.js';
import { insertUnlessTaken } from './insert-unless-taken.js';
import { MemberTable } from './member-table.js';

const keyOf = ({ organizationId, userId }: Pick<Member, 'organizationId' | 'userId'>) => ({
  organizationId,
  userId,
});

export const memberStore = (manager: EntityManager): Members => ({
  insert: (member) => insertUnlessTaken(manager, MemberTable, member, keyOf(member)),
  find: async (organizationId, userId) =>
    (await manager.findOneBy(MemberTable, { organizationId, userId })) ?? undefined,
  hold: async (organizationId, userId) =>
    (await manager.findOne(MemberTable, {
      where: { organizationId, userId },
      lock: { mode: 'for_key_share' },
    })) ?? undefined,
  setRole: async (member, role) => {
    await manager.update(MemberTable, keyOf(member), { role });
    return { ...member, role };
  },
  remove: async (member) => {
    await manager.delete(MemberTable, keyOf(member));
  },
  countOwners: (organizationId) => manager.countBy(MemberTable, { organizationId, role: 'OWNER' }),
  countMemberships: (userId) => manager.countBy(MemberTable, { userId }),
});
