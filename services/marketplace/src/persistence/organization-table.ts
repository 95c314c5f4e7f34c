import { EntitySchema } from 'typeorm';
import type { Organization } from '../domain/organization.js';
import { createdAt, id, text, uuid } from './columns.js';

export const OrganizationTable = new EntitySchema<Organization>({
  name: 'Organization',
  tableName: 'organization',
  columns: {
    id,
    name: text('name'),
    personalUserId: uuid('personal_user_id', { nullable: true }),
    createdAt,
  },
  uniques: [{ name: 'organization_personal_user', columns: ['personalUserId'] }],
  foreignKeys: [
    {
      name: 'organization_personal_user_fk',
      target: 'User',
      columnNames: ['personalUserId'],
      referencedColumnNames: ['id'],
    },
  ],
});
