import type { Queryable } from '@weft/database';
import { AppError } from '@weft/errors';
import type { Position } from '../application/ports.js';
import { isUuid } from './public-id.js';

type Listed = 'node' | 'record' | 'data_pool';

export const notOurs = (): AppError =>
  new AppError('BAD_USER_INPUT', 'The cursor is not one that this list gave.', { argument: 'after' });

/** What a position that a client sent back is made of: `[public id, …texts]`. Public ids, because surrogate keys tell how much others store. */
export function readPosition(
  position: Position | undefined,
  ...lengths: readonly number[]
): { readonly id: string | undefined; readonly rest: readonly string[] } {
  if (position === undefined) return { id: undefined, rest: [] };
  const [id, ...rest] = position;
  if (!lengths.includes(position.length) || !isUuid(id) || !rest.every((part) => typeof part === 'string'))
    throw notOurs();
  return { id, rest };
}

/**
 * The key that a list goes on after; null: from its beginning. A cursor made up with the id of what the caller may not read is
 * refused like any other: the page after it would tell when that was registered.
 */
export async function keyAfter(
  database: Queryable,
  table: Listed,
  principals: readonly string[],
  id: string | undefined,
): Promise<number | null> {
  if (id === undefined) return null;
  const [row] = await database.query<{ key: number }>(
    {
      name: `after-${table}`,
      text: `select id as key from ${table} where public_id = $1 and readers && $2::uuid[]`,
    },
    [id, principals],
  );
  if (row === undefined) throw notOurs();
  return row.key;
}
