// The column kinds that the tables are made of.
import type { EntitySchemaColumnOptions } from 'typeorm';

export const id: EntitySchemaColumnOptions = { type: 'uuid', primary: true };

export const createdAt: EntitySchemaColumnOptions = {
  name: 'created_at',
  type: 'timestamptz',
  default: () => 'now()',
};

export const uuid = (
  name: string,
  options: Partial<EntitySchemaColumnOptions> = {},
): EntitySchemaColumnOptions => ({
  name,
  type: 'uuid',
  ...options,
});

export const text = (
  name: string,
  options: Partial<EntitySchemaColumnOptions> = {},
): EntitySchemaColumnOptions => ({
  name,
  type: 'text',
  ...options,
});

export const texts = (name: string): EntitySchemaColumnOptions => ({ name, type: 'text', array: true });

export const time = (name: string): EntitySchemaColumnOptions => ({
  name,
  type: 'timestamptz',
  nullable: true,
});
