import { AppError } from '@weft/errors';

/** Cursor paging as Relay has it: every list is bounded, and a cursor is opaque to clients. */
export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 20;

export interface PageRequest {
  readonly first: number;
  /** The sort key of the last row already seen. */
  readonly after: readonly (string | number)[] | undefined;
}

/** Checks `first` (1 to {@link MAX_PAGE}) and `after`; anything else is BAD_USER_INPUT naming the argument. */
export function pageRequest(first: number | null | undefined, after: string | null | undefined): PageRequest {
  const size = first ?? DEFAULT_PAGE;
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE) {
    throw new AppError('BAD_USER_INPUT', `"first" must be between 1 and ${MAX_PAGE}.`, {
      argument: 'first',
      value: size,
    });
  }
  return { first: size, after: after === null || after === undefined ? undefined : decodeCursor(after) };
}

export const encodeCursor = (key: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url');

export function decodeCursor(cursor: string): readonly (string | number)[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.every((part) => typeof part === 'string' || typeof part === 'number'))
      return key;
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
