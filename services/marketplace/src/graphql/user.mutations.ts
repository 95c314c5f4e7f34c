import { MutationPayload, payload } from '@weft/subgraph';
import { Arg, Ctx, Field, InputType, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { MarketplaceContext } from './marketplace-context.js';
import { NewPersonalTokenInput, tokenWish } from './personal-token.input.js';
import { PersonalTokenType } from './personal-token.type.js';
import type { ShownUser } from './user.resolver.js';
import { UserType } from './user.type.js';

@InputType({ description: 'A new user.' })
export class CreateUserInput {
  @Field(() => String, { description: 'Handle, unique on the platform: 1 to 80 characters.' })
  name!: string;

  @Field(() => NewPersonalTokenInput, {
    nullable: true,
    description: 'A first token, to be handed to the user.',
  })
  token?: NewPersonalTokenInput | null;
}

@ObjectType({ description: 'The new user, or why there is none.' })
export class CreateUserPayload extends MutationPayload {
  @Field(() => UserType, { nullable: true, description: 'The new user, with the personal organization.' })
  user?: ShownUser | null;

  @Field(() => PersonalTokenType, { nullable: true, description: 'The first token, if one was asked for.' })
  personalToken?: PersonalTokenType | null;

  @Field(() => String, {
    nullable: true,
    description: 'The secret of the first token. It is shown now and never again.',
  })
  secret?: string | null;
}

@Resolver()
export class UserMutations {
  @Mutation(() => CreateUserPayload, {
    description: 'Lets a user in. Needs the platform role `operator` and the scope `admin`.',
  })
  createUser(
    @Arg('input', () => CreateUserInput, { description: 'Who it is.' }) input: CreateUserInput,
    @Ctx() context: MarketplaceContext,
  ): Promise<object> {
    const wish = { name: input.name, token: input.token ? tokenWish(input.token) : undefined };
    return payload(context.useCases.createUser(context, wish), ({ user, personalOrganization, issued }) => ({
      user: { ...user, shownOrganization: personalOrganization },
      ...issued,
    }));
  }
}
