import { EntitySchema } from 'typeorm';
import type { Service } from '../domain/service.js';
import { createdAt, id, text, uuid } from './columns.js';

export const ServiceTable = new EntitySchema<Service>({
  name: 'Service',
  tableName: 'service',
  columns: {
    id,
    organizationId: uuid('organization_id'),
    name: text('name'),
    description: text('description'),
    createdBy: uuid('created_by'),
    createdAt,
  },
  uniques: [{ name: 'service_name', columns: ['organizationId', 'name'] }],
  foreignKeys: [
    {
      name: 'service_organization_fk',
      target: 'Organization',
      columnNames: ['organizationId'],
      referencedColumnNames: ['id'],
    },
    {
      name: 'service_created_by_fk',
      target: 'User',
      columnNames: ['createdBy'],
      referencedColumnNames: ['id'],
    },
  ],
});
