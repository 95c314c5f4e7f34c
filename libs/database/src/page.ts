import { AppError } from '@weft/errors';

/** Cursor paging as Relay has it: every list is bounded, and a cursor is opaque to clients. */
export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 20;

export interface PageRequest {
  readonly first: number;
  /** The sort key of the last row already seen. */
  readonly after: readonly (string | number)[] | undefined;
}

/** What a part of a list's sort key is. Cursors can be made up: what PostgreSQL could not read is refused before it is asked. */
const KEY_PARTS = {
  integer: (part: unknown) => Number.isInteger(part) && Math.abs(part as number) < 2 ** 31,
  time: (part: unknown) =>
    typeof part === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(part) && !isNaN(Date.parse(part)),
  uuid: (part: unknown) =>
    typeof part === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(part),
} as const;
export type KeyPart = keyof typeof KEY_PARTS;

/**
 * Checks `first` (1 to {@link MAX_PAGE}) and `after`; anything else is BAD_USER_INPUT naming the argument.
 * @param key what the parts of the list's sort key are.
 * @param most the largest page of a list that has others.
 */
export function pageRequest(
  first: number | null | undefined,
  after: string | null | undefined,
  key?: readonly KeyPart[],
  most: number = MAX_PAGE,
): PageRequest {
  const size = first ?? DEFAULT_PAGE;
  if (!Number.isInteger(size) || size < 1 || size > most) {
    throw new AppError('BAD_USER_INPUT', `"first" must be between 1 and ${most}.`, {
      argument: 'first',
      value: size,
    });
  }
  return { first: size, after: after === null || after === undefined ? undefined : decodeCursor(after, key) };
}

export const encodeCursor = (key: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url');

export function decodeCursor(cursor: string, parts?: readonly KeyPart[]): readonly (string | number)[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const plain = (part: unknown): boolean =>
      typeof part === 'number' || (typeof part === 'string' && !part.includes('\0'));
    const fits = (list: readonly unknown[]): boolean =>
      parts === undefined
        ? list.every(plain)
        : list.length === parts.length && parts.every((part, index) => KEY_PARTS[part](list[index]));
    if (Array.isArray(key) && fits(key)) return key as (string | number)[];
  } catch {
    // Falls through to the refusal below.
  }
  throw new AppError('BAD_USER_INPUT', 'The cursor is not one that this list gave.', {
    argument: 'after',
    value: cursor,
  });
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly hasNextPage: boolean;
}

/** Of `first + 1` rows read: the page, and whether there is more. */
export const pageOf = <Row>(rows: readonly Row[], first: number): Page<Row> => ({
  rows: rows.slice(0, first),
  hasNextPage: rows.length > first,
});
