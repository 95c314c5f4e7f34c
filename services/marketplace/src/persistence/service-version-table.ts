import { EntitySchema } from 'typeorm';
import type { ServiceVersion } from '../domain/service-version.js';
import { createdAt, id, text, time, uuid } from './columns.js';

export const ServiceVersionTable = new EntitySchema<ServiceVersion>({
  name: 'ServiceVersion',
  tableName: 'service_version',
  columns: {
    id,
    serviceId: uuid('service_id'),
    version: text('version'),
    description: text('description'),
    lifecycle: text('lifecycle'),
    codeArtifactId: text('code_artifact_id'),
    runtime: text('runtime'),
    // json, not jsonb: it keeps what the provider wrote, in its order, with every escape that JSON has.
    dataSchema: { name: 'data_schema', type: 'json', nullable: true },
    paramsSchema: { name: 'params_schema', type: 'json', nullable: true },
    seq: { name: 'seq', type: 'integer' },
    createdAt,
    publishedAt: time('published_at'),
  },
  uniques: [{ name: 'service_version_version', columns: ['serviceId', 'version'] }],
  foreignKeys: [
    {
      name: 'service_version_service_fk',
      target: 'Service',
      columnNames: ['serviceId'],
      referencedColumnNames: ['id'],
    },
  ],
});
