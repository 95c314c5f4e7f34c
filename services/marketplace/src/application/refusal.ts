// Expected refusals inside a transaction: thrown, so that nothing half-written stays, and handed out as an outcome.
import { done, refused, userError, type ErrorCode, type Outcome, type UserError } from '@weft/errors';
import type { Transact, Transaction } from './ports.js';

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

/** A use case: one transaction, whose refusal rolls it back and becomes the outcome. */
export async function inOneTransaction<T>(
  transact: Transact,
  work: (tx: Transaction) => Promise<T>,
): Promise<Outcome<T>> {
  try {
    return done(await transact(work));
  } catch (error) {
    if (error instanceof Refusal) return refused(...error.errors);
    throw error;
  }
}
