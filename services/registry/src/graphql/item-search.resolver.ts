import { AppError } from '@weft/errors';
import { PageInfoType } from '@weft/subgraph';
import { Arg, Args, Ctx, Field, Float, ID, InputType, ObjectType, Query, Resolver } from 'type-graphql';
import type { AccessRequestState } from '../domain/access-request.js';
import type { RecordType } from '../domain/item.js';
import type { ItemSubtype, ProvenanceNode } from '../domain/node.js';
import { PageArgs } from './connection.type.js';
import { AccessRequestStateEnum, RecordTypeEnum } from './item-enums.js';
import { AccessRequestConnectionType, presentRequest, presentSlice } from './item.type.js';
import { ItemType } from './node.type.js';
import type { RegistryContext } from './registry-context.js';
import { ItemSubtypeEnum } from './vocabulary.js';

@InputType('ItemSearchFilter', { description: 'Where to search; what is given must all hold.' })
class SearchFilterInput {
  @Field(() => [ItemSubtypeEnum], { nullable: true, description: 'Items of these types only.' })
  subtypes?: ItemSubtype[] | null;
  @Field(() => ID, { nullable: true, description: 'Items of this organization only.' })
  organizationId?: string | null;
  @Field(() => RecordTypeEnum, { nullable: true, description: 'Seeds only, or complete items only.' })
  recordType?: RecordType | null;
  @Field(() => String, { nullable: true, description: 'Items with this tag only.' })
  tag?: string | null;
  @Field(() => Boolean, {
    nullable: true,
    description: 'Withdrawn items too; they are left out when this is.',
  })
  includeWithdrawn?: boolean | null;
}

@ObjectType('ItemSearchEdge', { description: 'An item that was found.' })
class SearchEdge {
  @Field(() => String, { description: 'Place in the list.' })
  cursor!: string;
  @Field(() => Float, { description: 'How well it fits, from 0 to 1; for comparing within one search.' })
  score!: number;
  @Field(() => ItemType, { description: 'The item.' })
  node!: ProvenanceNode;
}

@ObjectType('ItemSearchConnection', { description: 'A page of items that were found, the best first.' })
class SearchConnection {
  @Field(() => [SearchEdge], { description: 'The items of this page.' })
  edges!: SearchEdge[];
  @Field(() => PageInfoType, { description: 'Where the page ends.' })
  pageInfo!: PageInfoType;
}

const MAX_TEXT = 500;

@Resolver()
export class ItemSearchResolver {
  @Query(() => SearchConnection, {
    description:
      'Items that the caller may read, by words: name and pid weigh most, then keywords and tags, the description, the rest of the metadata. Words are compared by their English stems, in all fields alike. Of more than 10 000 hits, 10 000 are weighed. Where nothing fits plain words, a single page of items, no activities, whose names are similar: begun or mistyped.',
  })
  async searchItems(
    @Arg('text', () => String, {
      description:
        'Words, 1 to 500 characters; quotes keep words together, `or` allows either, a minus excludes one.',
    })
    text: string,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => SearchFilterInput, {
      nullable: true,
      description: 'Where; everywhere when left out.',
    })
    filter: SearchFilterInput | null | undefined,
    @Ctx() { items }: RegistryContext,
  ): Promise<SearchConnection> {
    if (text.trim() === '' || text.length > MAX_TEXT || text.includes('\0'))
      throw new AppError('BAD_USER_INPUT', `"text" has 1 to ${MAX_TEXT} characters.`, { argument: 'text' });
    const slice = await items.search(
      {
        text,
        subtypes: filter?.subtypes ?? undefined,
        organizationId: filter?.organizationId ?? undefined,
        recordType: filter?.recordType ?? undefined,
        tag: filter?.tag ?? undefined,
        withdrawn: filter?.includeWithdrawn ?? false,
      },
      page,
    );
    const { edges, pageInfo } = presentSlice(
      slice,
      ({ score, node }) => [score, node.id],
      (found) => found,
    );
    return {
      pageInfo,
      edges: edges.map(({ cursor, node: { score, node } }) => ({ cursor, score: Number(score), node })),
    };
  }

  @Query(() => ItemType, {
    nullable: true,
    description: 'The registered person that the caller said to be (`linkPerson`); null when none.',
  })
  myPerson(@Ctx() { items }: RegistryContext): Promise<ProvenanceNode | null> {
    return items.person();
  }

  @Query(() => AccessRequestConnectionType, {
    description:
      'Requests for roles on all items that the caller administers, which he decides with `decideItemAccess`; the last first.',
  })
  async itemAccessRequestsToDecide(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('state', () => AccessRequestStateEnum, {
      nullable: true,
      defaultValue: 'PENDING',
      description: 'Only those; with null all, also those that were decided.',
    })
    state: AccessRequestState | null,
    @Ctx() { items }: RegistryContext,
  ) {
    const slice = await items.accessRequestsToDecide(state ?? undefined, page);
    return presentSlice(slice, ({ requestedAt, id }) => [requestedAt.toISOString(), id], presentRequest);
  }

  @Query(() => AccessRequestConnectionType, {
    description: 'Requests for roles on items that the caller made, the last first.',
  })
  async myItemAccessRequests(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('state', () => AccessRequestStateEnum, {
      nullable: true,
      description: 'Only those; all when left out.',
    })
    state: AccessRequestState | null | undefined,
    @Ctx() { items, actor }: RegistryContext,
  ) {
    const slice = await items.accessRequests({ userId: actor.id }, state ?? undefined, page);
    return presentSlice(slice, ({ requestedAt, id }) => [requestedAt.toISOString(), id], presentRequest);
  }
}
