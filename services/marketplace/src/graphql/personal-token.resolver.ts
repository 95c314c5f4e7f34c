import { MutationPayload, payload } from '@weft/subgraph';
import type { ConnectionOf } from '@weft/subgraph';
import { Arg, Args, Ctx, Field, ID, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import type { PersonalToken } from '../domain/personal-token.js';
import type { MarketplaceContext } from './marketplace-context.js';
import { connectionById, PageArgs } from './page-args.js';
import { NewPersonalTokenInput, tokenWish } from './personal-token.input.js';
import { PersonalTokenConnection, PersonalTokenType } from './personal-token.type.js';

@InputType({ description: 'Which personal token to end.' })
export class RevokePersonalTokenInput {
  @Field(() => ID, { description: 'Id of one of your tokens.' })
  id!: string;
}

@ObjectType({ description: 'The new token, or why there is none.' })
export class CreatePersonalTokenPayload extends MutationPayload {
  @Field(() => PersonalTokenType, { nullable: true, description: 'The new token.' })
  personalToken?: PersonalTokenType | null;

  @Field(() => String, { nullable: true, description: 'Its secret. It is shown now and never again.' })
  secret?: string | null;
}

@ObjectType({ description: 'The revoked token, or why it was not revoked.' })
export class RevokePersonalTokenPayload extends MutationPayload {
  @Field(() => PersonalTokenType, { nullable: true, description: 'The token, now revoked.' })
  personalToken?: PersonalTokenType | null;
}

@Resolver()
export class PersonalTokenResolver {
  @Query(() => PersonalTokenConnection, {
    description: 'Your own tokens, revoked and expired ones too, newest first.',
  })
  async personalTokens(
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: MarketplaceContext,
  ): Promise<ConnectionOf<PersonalToken>> {
    const page = PageArgs.read(args);
    return connectionById(await context.reads.tokens(page), (token) => token.id, page);
  }

  @Mutation(() => CreatePersonalTokenPayload, {
    description: 'Makes another token for yourself, no stronger and no longer-lived than the one you use.',
  })
  createPersonalToken(
    @Arg('input', () => NewPersonalTokenInput, { description: 'What the token is for.' })
    input: NewPersonalTokenInput,
    @Ctx() context: MarketplaceContext,
  ): Promise<object> {
    return payload(context.useCases.createPersonalToken(context, tokenWish(input)), (issued) => ({
      ...issued,
    }));
  }

  @Mutation(() => RevokePersonalTokenPayload, {
    description:
      'Ends one of your tokens for ever; what is open under it closes within seconds. May be repeated.',
  })
  revokePersonalToken(
    @Arg('input', () => RevokePersonalTokenInput, { description: 'Which one.' })
    input: RevokePersonalTokenInput,
    @Ctx() context: MarketplaceContext,
  ): Promise<object> {
    return payload(context.useCases.revokePersonalToken(context, input), (personalToken) => ({
      personalToken,
    }));
  }
}
