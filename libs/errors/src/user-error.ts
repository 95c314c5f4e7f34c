import type { ErrorCode } from './codes.js';

/** An expected refusal, told as data in a mutation's payload: what is wrong, where, and what to do next. */
export interface UserError {
  readonly code: ErrorCode;
  readonly message: string;
  /** Path into the mutation's input, outermost first, e.g. `['input', 'items', '3', 'params']`. */
  readonly path: readonly string[];
}

export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: readonly UserError[] };

export const done = <T>(value: T): Outcome<T> => ({ ok: true, value });

export const refused = (...errors: UserError[]): Outcome<never> => ({ ok: false, errors });

export const userError = (code: ErrorCode, message: string, ...path: string[]): UserError => ({
  code,
  message,
  path,
});
