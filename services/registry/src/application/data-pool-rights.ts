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

/** What others took the files under does not change afterwards. */
export function requireLicence(pool: DataPool, licence: string | null): void {
  if (licence === pool.licence || (pool.sealed === null && pool.release === 'NOT_RELEASED')) return;
  refuse(
    pool.sealed === null ? 'DATA_POOL_LOCKED' : 'DATA_POOL_SEALED',
    `The data pool is ${pool.sealed === null ? 'released, or about to be' : 'sealed'}: its licence stays what it is, since others rely on it. Make another data pool for the other licence.`,
    'input',
    'licence',
  );
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
