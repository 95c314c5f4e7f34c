// What is asked of other people's schemas, as data: who answers it may be another thread.
import { refused, type Outcome, type UserError } from '@weft/errors';
import type { TypedInputs } from './definition/typed-inputs.js';
import { tooExpensive, type SchemaCheck, type SchemaChecker } from './schema-check.js';

export interface Checks {
  readonly typedInputs: TypedInputs;
  readonly schemas: SchemaChecker;
}

export type SchemaQuestion = { readonly organizationId: string } & (
  | { readonly about: 'VALUES'; readonly checks: readonly SchemaCheck[] }
  | { readonly about: 'INPUTS'; readonly key: string; readonly schema: unknown; readonly inputs: unknown }
  | { readonly about: 'SCHEMA'; readonly schema: unknown }
);

export type SchemaAnswer = readonly UserError[] | Outcome<Readonly<Record<string, unknown>>>;

export function answerTo({ typedInputs, schemas }: Checks, question: SchemaQuestion): SchemaAnswer {
  const { organizationId } = question;
  switch (question.about) {
    case 'VALUES':
      return schemas.check(organizationId, question.checks);
    case 'INPUTS':
      return typedInputs.fill(organizationId, question.key, question.schema, question.inputs);
    case 'SCHEMA':
      return typedInputs.checkSchema(organizationId, question.schema);
  }
}

/** The answer when none came in time. */
export function spentAnswer(question: SchemaQuestion): SchemaAnswer {
  if (question.about === 'VALUES') return [tooExpensive(...(question.checks[0]?.values[0]?.path ?? []))];
  const error = tooExpensive('inputs');
  return question.about === 'INPUTS' ? refused(error) : [error];
}
