import { graphqlEnum } from '@weft/subgraph';
import { GraphQLJSONObject } from 'graphql-scalars';
import { Args, Ctx, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql';
import type { ShownPool } from '../application/data-pool-reader.js';
import type { PoolAspects, PoolChange, PoolChangeAction } from '../domain/data-pool-change.js';
import { PageArgs } from './connection.type.js';
import { DataPoolType, pageOfType } from './data-pool.type.js';
import { UserType } from './foreign.type.js';
import { presentSlice } from './item.type.js';
import type { RegistryContext } from './registry-context.js';

const ChangeActionEnum = graphqlEnum<PoolChangeAction>(
  'DataPoolChangeAction',
  'What was changed of a data pool on which others rely.',
  {
    UPDATED: 'Its name, description or tags.',
    ACCESS_CHANGED: 'Who may do what with it.',
    TRANSFERRED: 'Whose it is.',
  },
);

const ASPECTS =
  'name, description, tags, organizationId, ownerId, and, for who administers it, grants; only what was changed.';

@ObjectType('DataPoolChange', {
  description:
    'That a data pool was changed while its release was asked for, or after it was released or sealed.',
})
class DataPoolChangeType {
  @Field(() => ChangeActionEnum, { description: 'What.' })
  action!: PoolChangeAction;
  @Field(() => Date, { description: 'When.' })
  at!: Date;
  @Field(() => UserType, { nullable: true, description: 'Who. Null for whom you may not see.' })
  user!: UserType;
  @Field(() => GraphQLJSONObject, { description: `As it was: ${ASPECTS}` })
  before!: PoolAspects;
  @Field(() => GraphQLJSONObject, { description: `As it was afterwards: ${ASPECTS}` })
  after!: PoolAspects;
}

const ChangeConnectionType = pageOfType(
  'DataPoolChange',
  () => DataPoolChangeType,
  'A change of a data pool',
  'A page of changes of a data pool, the last first.',
);

function withoutGrants(aspects: PoolAspects): PoolAspects {
  const { grants, ...rest } = aspects;
  return grants === undefined ? aspects : rest;
}

const presentChange = ({ action, at, userId, before, after }: PoolChange, decides: boolean) => ({
  ...{ action, at, user: { id: userId } },
  before: decides ? before : withoutGrants(before),
  after: decides ? after : withoutGrants(after),
});

@Resolver(() => DataPoolType)
export class DataPoolChangeResolver {
  @FieldResolver(() => ChangeConnectionType, {
    description:
      'How it was changed since others may rely on it - its release was asked for, or it was sealed -, the last change first.',
  })
  async changeHistory(
    @Root() pool: ShownPool,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { dataPools }: RegistryContext,
  ) {
    const decides = dataPools.roles(pool).has('ADMIN');
    return presentSlice(
      await dataPools.changeHistory(pool, page),
      ({ number }) => [number],
      (change) => presentChange(change, decides),
    );
  }
}
