import { Field, InputType } from 'type-graphql';
import type { TokenWish } from '../domain/personal-token.js';

@InputType({ description: 'A new personal token.' })
export class NewPersonalTokenInput {
  @Field(() => String, { description: 'What to call it: 1 to 80 characters.' })
  name!: string;

  @Field(() => [String], {
    description: 'What it allows: `read`, `write`, `admin`; each includes those before it.',
  })
  scopes!: string[];

  @Field(() => Date, {
    nullable: true,
    description: 'When it ends by itself. Absent: when the token ends that makes it.',
  })
  expiresAt?: Date | null;
}

export const tokenWish = (input: NewPersonalTokenInput): TokenWish => ({
  ...input,
  expiresAt: input.expiresAt ?? null,
});
