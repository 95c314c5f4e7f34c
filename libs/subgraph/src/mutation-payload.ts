import { refused, type Outcome } from '@weft/errors';
import { Field, ObjectType } from 'type-graphql';
import { presentUserErrors, UserErrorType } from './graphql-types.js';

@ObjectType()
export abstract class MutationPayload {
  @Field(() => [UserErrorType], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: UserErrorType[];
}

/** What was judged as an input, for a field whose arguments stand by themselves: its places do not begin with `input`. */
export async function ofArguments<T>(outcome: Promise<Outcome<T>>): Promise<Outcome<T>> {
  const settled = await outcome;
  if (settled.ok) return settled;
  return refused(
    ...settled.errors.map((error) => {
      const [first, ...rest] = error.path;
      return first === 'input' ? { ...error, path: rest } : error;
    }),
  );
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
