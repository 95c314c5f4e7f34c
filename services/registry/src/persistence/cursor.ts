import { AppError } from '@weft/errors';
import type { Position } from '../application/ports.js';
import { isUuid } from './public-id.js';

/** Reads a position that a client sent back: `[public id, …texts]`. Public ids, because surrogate keys tell how much others store. */
export function readPosition<Length extends 1 | 3>(
  position: Position | undefined,
  length: Length,
): { readonly id: string | null; readonly rest: readonly string[] } {
  if (position === undefined) return { id: null, rest: [] };
  const [id, ...rest] = position;
  if (position.length !== length || !isUuid(id) || !rest.every((part) => typeof part === 'string')) {
    throw new AppError('BAD_USER_INPUT', 'The cursor is not one that this list gave.', { argument: 'after' });
  }
  return { id, rest };
}
