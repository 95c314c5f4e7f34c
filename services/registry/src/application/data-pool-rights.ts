import { refuse } from '@weft/errors';
import { rolesOf, type ItemRole } from '../domain/access.js';
import type { DataPool } from '../domain/data-pool.js';
import type { DataPoolWork } from './data-pool-ports.js';
import type { Writer } from './item-rights.js';

/** The pool, locked, for a writer with this role on it. */
export async function lockedPool(
  tx: DataPoolWork,
  { principals }: Writer,
  id: string,
  role: ItemRole,
  ...path: string[]
): Promise<DataPool> {
  const pool = await tx.lock(id, principals);
  if (pool === undefined) refuse('NOT_FOUND', 'No data pool with this id exists that you may see.', ...path);
  if (!rolesOf(principals, pool).has(role))
    refuse(
      'FORBIDDEN',
      `This needs the role ${role} on the data pool; who administers it may grant it.`,
      ...path,
    );
  return pool;
}

/** Files change neither for ever (sealed) nor while others look at them (release asked for or given). */
export function requireOpen(pool: DataPool, ...path: string[]): void {
  if (pool.sealed !== null)
    refuse('DATA_POOL_SEALED', 'The data pool is sealed: its files stay as they are for ever.', ...path);
  if (pool.release === 'NOT_RELEASED') return;
  refuse(
    'DATA_POOL_LOCKED',
    pool.release === 'PENDING'
      ? 'Its release is being reviewed: until decideDataPoolRelease its files stay as they are.'
      : 'It was released: its files stay as they are. Make another data pool for what comes after.',
    ...path,
  );
}
