import type { Outcome } from '@weft/errors';
import { Field, ObjectType } from 'type-graphql';
import { presentUserErrors, UserErrorType } from './graphql-types.js';

@ObjectType()
export abstract class MutationPayload {
  @Field(() => [UserErrorType], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: UserErrorType[];
}

/** A mutation's answer: what `show` makes of the value, or the refusals. */
export async function payload<T, P extends object>(
  outcome: Promise<Outcome<T>>,
  show: (value: T) => P,
): Promise<Partial<P> & MutationPayload> {
  const settled = await outcome;
  return settled.ok
    ? { ...show(settled.value), userErrors: [] }
    : ({ userErrors: presentUserErrors(settled.errors) } as Partial<P> & MutationPayload);
}
