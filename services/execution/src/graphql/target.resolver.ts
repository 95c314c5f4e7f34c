import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { Provider, Target } from '../domain/target.js';
import type { ExecutionContext } from './context.js';
import { ProviderType, TargetFilterInput, TargetType } from './target.type.js';

@Resolver(() => TargetType)
export class TargetResolver {
  @Query(() => [ProviderType], { description: 'Everybody who runs jobs here.' })
  providers(@Ctx() context: ExecutionContext): Promise<Provider[]> {
    return context.reads.providers();
  }

  @Query(() => ProviderType, {
    nullable: true,
    description: 'One provider; null when there is none with this id.',
  })
  provider(
    @Arg('id', () => ID, { description: 'Its slug.' }) id: string,
    @Ctx() context: ExecutionContext,
  ): Promise<Provider | null> {
    return context.loaders.provider.load(id);
  }

  @Query(() => [TargetType], { description: 'The targets that you may use.' })
  targets(
    @Arg('filter', () => TargetFilterInput, { nullable: true, description: 'Which of them.' })
    filter: TargetFilterInput | null,
    @Ctx() context: ExecutionContext,
  ): Promise<Target[]> {
    return context.reads.targets(context.organizationIds, filter ?? {});
  }

  @Query(() => TargetType, {
    nullable: true,
    description: 'One target; null when there is none with this id that you may use.',
  })
  target(
    @Arg('id', () => ID, { description: 'Its slug.' }) id: string,
    @Ctx() context: ExecutionContext,
  ): Promise<Target | null> {
    return context.loaders.target.load(id);
  }

  // Named for the field, not for the query of the same name.
  @FieldResolver(() => ProviderType, { name: 'provider', description: 'Who runs it.' })
  providerOf(@Root() target: Target, @Ctx() context: ExecutionContext): Promise<Provider | null> {
    return context.loaders.provider.load(target.providerId);
  }

  @FieldResolver(() => Int, { description: 'Jobs that wait for it at the moment.' })
  queueLength(@Root() target: Target, @Ctx() context: ExecutionContext): Promise<number> {
    return context.loaders.queueLength.load(target.id);
  }
}
