import { Arg, Ctx, Directive, Query, Resolver } from 'type-graphql';
import type { TokenActor } from '../application/ports.js';
import type { MarketplaceContext } from './marketplace-context.js';
import { TokenActorType } from './token-actor.type.js';

@Resolver()
export class TokenActorResolver {
  @Directive('@inaccessible')
  @Query(() => [TokenActorType], {
    description:
      'For the gateway only: who is behind these tokens. Unknown, expired and revoked ones are left out.',
  })
  tokenActors(
    @Arg('hashes', () => [String], {
      description: 'SHA-256 hashes of tokens in lower-case hex, at most 500.',
    })
    hashes: string[],
    @Ctx() context: MarketplaceContext,
  ): Promise<TokenActor[]> {
    return context.useCases.findTokenActors(context, hashes);
  }
}
