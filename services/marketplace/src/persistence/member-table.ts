import { EntitySchema } from 'typeorm';
import type { Member } from '../domain/member.js';
import { createdAt, text, uuid } from './columns.js';

export const MemberTable = new EntitySchema<Member>({
  name: 'Member',
  tableName: 'member',
  columns: {
    organizationId: uuid('organization_id', { primary: true, primaryKeyConstraintName: 'member_pkey' }),
    userId: uuid('user_id', { primary: true, primaryKeyConstraintName: 'member_pkey' }),
    role: text('role'),
    createdAt,
  },
  indices: [{ name: 'member_user', columns: ['userId', 'organizationId'] }],
  foreignKeys: [
    {
      name: 'member_organization_fk',
      target: 'Organization',
      columnNames: ['organizationId'],
      referencedColumnNames: ['id'],
    },
    { name: 'member_user_fk', target: 'User', columnNames: ['userId'], referencedColumnNames: ['id'] },
  ],
});
