import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import type { Artifact } from '../domain/artifact.js';
import type { Provider, Target } from '../domain/target.js';

/** The owner of what is gone. */
export const NOBODY = '00000000-0000-0000-0000-000000000000';

const text = (name: string, nullable = false): EntitySchemaColumnOptions => ({
  name,
  type: 'text',
  nullable,
});
const integer = (name: string): EntitySchemaColumnOptions => ({ name, type: 'int' });
const uuid = (name: string, nullable = false): EntitySchemaColumnOptions => ({
  name,
  type: 'uuid',
  nullable,
});
const time = (name: string, nullable = false): EntitySchemaColumnOptions => ({
  name,
  type: 'timestamptz',
  nullable,
});
const texts = (name: string): EntitySchemaColumnOptions => ({ name, type: 'text', array: true });

export const ProviderTable = new EntitySchema<Provider>({
  name: 'provider',
  tableName: 'provider',
  columns: { id: { ...text('id'), primary: true }, name: text('name'), description: text('description') },
});

export const TargetTable = new EntitySchema<Target>({
  name: 'target',
  tableName: 'target',
  columns: {
    id: { ...text('id'), primary: true },
    seq: integer('seq'),
    providerId: text('provider_id'),
    name: text('name'),
    organizationId: uuid('organization_id', true),
    kinds: texts('kinds'),
    runtimes: texts('runtimes'),
    limits: { name: 'limits', type: 'jsonb' },
    sizes: { name: 'sizes', type: 'jsonb' },
    images: { name: 'images', type: 'jsonb' },
    cancelsRunning: { name: 'cancels_running', type: 'boolean' },
    status: text('status'),
    statusReason: text('status_reason', true),
  },
});

const bigNumber = {
  from: (value: string | number | null): number | null => (value === null ? null : Number(value)),
  to: (value: unknown) => value,
};

export const ArtifactTable = new EntitySchema<Artifact>({
  name: 'artifact',
  tableName: 'artifact',
  columns: {
    id: { ...uuid('id'), primary: true },
    organizationId: uuid('organization_id'),
    name: text('name'),
    mediaType: text('media_type'),
    kind: text('kind'),
    size: { name: 'size', type: 'bigint', nullable: true, transformer: bigNumber },
    sha256: text('sha256', true),
    jobId: uuid('job_id', true),
    attempt: { ...integer('attempt'), nullable: true },
    createdBy: text('created_by'),
    createdAt: time('created_at'),
    storedAt: time('stored_at', true),
  },
});

export const ENTITIES = [ProviderTable, TargetTable, ArtifactTable] as EntitySchema[];
