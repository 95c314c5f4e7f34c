// Expected refusals inside a transaction: thrown, so that nothing half-written stays, and handed out as an outcome.
import type { ErrorCode } from './codes.js';
import { done, refused, userError, type Outcome, type UserError } from './user-error.js';

class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(readonly errors: readonly UserError[]) {
    super(errors.map((error) => error.message).join(' '));
  }
}

export function refuse(code: ErrorCode, message: string, ...path: string[]): never {
  throw new Refusal([userError(code, message, ...path)]);
}

/** Refuses when there is anything to say against it. */
export function refuseFor(problems: readonly UserError[]): void {
  if (problems.length > 0) throw new Refusal(problems);
}

/** The value of a rule's outcome; its refusal is the use case's. */
export function accepted<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Refusal(outcome.errors);
  return outcome.value;
}

/** What came of work that may refuse. Everything else that it throws goes on. */
export async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return done(await work());
  } catch (error) {
    if (error instanceof Refusal) return refused(...error.errors);
    throw error;
  }
}
