import type { EntityManager, EntitySchema, ObjectLiteral } from 'typeorm';

/**
 * Inserts a row, or answers undefined when a unique value of it is taken - also by a transaction that commits only now,
 * which a look beforehand would miss. The transaction stays usable, as it would not after a violation.
 */
export async function insertUnlessTaken<T extends ObjectLiteral, V extends Partial<T>>(
  manager: EntityManager,
  table: EntitySchema<T>,
  row: V,
  key: Partial<T>,
): Promise<T | undefined> {
  const inserted = await manager
    .createQueryBuilder()
    .insert()
    .into(table)
    .values(row as never)
    .orIgnore()
    .returning('1')
    .execute();
  return (inserted.raw as unknown[]).length === 0 ? undefined : manager.findOneByOrFail(table, key as never);
}
