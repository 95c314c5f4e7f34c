import { ERROR_CODES, type ErrorCode } from './codes.js';

export type ErrorFacts = Readonly<Record<string, unknown>>;

/** An error that has a meaning to its receiver: a stable code, a sentence and the facts as fields. */
export class AppError extends Error {
  override readonly name = 'AppError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly facts: ErrorFacts = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface PresentedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly facts: ErrorFacts;
  readonly correlationId: string | undefined;
  readonly retryable: boolean;
}

/**
 * What an edge (GraphQL, HTTP, NATS) may say of an error. Anything that is not an AppError becomes INTERNAL
 * without its text, so that nothing of the inside leaks; the correlation id leads the operator to the log.
 */
export function presentError(error: unknown, correlationId?: string): PresentedError {
  if (error instanceof AppError) {
    return {
      code: error.code,
      message: error.message,
      facts: error.facts,
      correlationId,
      retryable: ERROR_CODES[error.code].retryable,
    };
  }
  return {
    code: 'INTERNAL',
    message: `Something unexpected happened. Quote correlation id ${correlationId ?? 'unknown'} to the operator.`,
    facts: {},
    correlationId,
    retryable: true,
  };
}

/** Closes an exhaustive switch: compiles only while every case is handled. */
export function assertNever(value: never, what = 'value'): never {
  throw new Error(`Unexpected ${what}: ${JSON.stringify(value)}`);
}
