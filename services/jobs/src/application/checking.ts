// Other people's schemas are checked elsewhere, which may take a second; a transaction must not hold its rows and its
// connection that long. So a use case asks as if all answers were known, is undone where one is not, and done again with it.
import { AppError, type Outcome, type UserError } from '@weft/errors';
import { takesNothing } from '../domain/definition/typed-inputs.js';
import type { Checks, SchemaAnswer, SchemaQuestion } from '../domain/schema-question.js';

/** Does the work, several times if need be: nothing that it does before a check may last when it throws. */
export type Checking = <T>(work: (checks: Checks) => Promise<T>) => Promise<T>;

class Unchecked extends Error {
  constructor(readonly questions: readonly SchemaQuestion[]) {
    super('asked for a check that is not made yet');
  }
}

/** Each question may be another one than before only where something changed meanwhile. */
const MOST_TRIES = 50;

export function createChecking(ask: (question: SchemaQuestion) => Promise<SchemaAnswer>): Checking {
  return async (work) => {
    const known = new Map<string, SchemaAnswer>();
    const checks = knownChecks(known);
    for (let tries = 0; tries < MOST_TRIES; tries++)
      try {
        return await work(checks);
      } catch (error) {
        if (!(error instanceof Unchecked)) throw error;
        const answers = await Promise.all(
          error.questions.map(async (question) => [JSON.stringify(question), await ask(question)] as const),
        );
        for (const [question, answer] of answers) known.set(question, answer);
      }
    throw new AppError('SERVICE_UNAVAILABLE', 'What is to be checked changes all the time; try again.');
  };
}

function knownChecks(known: ReadonlyMap<string, SchemaAnswer>): Checks {
  const answer = (question: SchemaQuestion): SchemaAnswer => {
    const found = known.get(JSON.stringify(question));
    if (found === undefined) throw new Unchecked([question]);
    return found;
  };
  return {
    schemas: {
      check: (organizationId, checks) =>
        checks.length === 0 ? [] : [...(answer({ organizationId, about: 'VALUES', checks }) as UserError[])],
    },
    typedInputs: {
      checkSchema: (organizationId, schema) =>
        schema === null ? [] : [...(answer({ organizationId, about: 'SCHEMA', schema }) as UserError[])],
      fill: (organizationId, key, schema, inputs) =>
        schema === null
          ? takesNothing(inputs)
          : (answer({ organizationId, about: 'INPUTS', key, schema, inputs }) as Outcome<
              Readonly<Record<string, unknown>>
            >),
    },
  };
}

/** One after the other; what they leave to check is asked for all at once. */
export async function eachChecked<A, B>(
  all: Iterable<A>,
  work: (one: A, index: number) => Promise<B>,
): Promise<B[]> {
  const done: B[] = [];
  const open: SchemaQuestion[] = [];
  let index = 0;
  for (const one of all)
    try {
      done.push(await work(one, index++));
    } catch (error) {
      if (!(error instanceof Unchecked)) throw error;
      open.push(...error.questions);
    }
  if (open.length > 0) throw new Unchecked(open);
  return done;
}
