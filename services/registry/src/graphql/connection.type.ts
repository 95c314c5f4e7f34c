import { encodeCursor, pageOf } from '@weft/database';
import { connectionOf, PageInfoType, type ConnectionOf } from '@weft/subgraph';
import { ArgsType, Field, Int, ObjectType } from 'type-graphql';
import type { Hop, ListedItem } from '../application/ports.js';
import type { Item, ProvenanceNode, Relation } from '../domain/node.js';
import { ActivityType, AgentType, ItemType, ProvenanceNodeType } from './node.type.js';
import type { PageArguments, Slice } from './provenance.js';
import { RelationEnum } from './vocabulary.js';

@ArgsType()
export class PageArgs implements PageArguments {
  @Field(() => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Cursor after which to go on.' })
  after?: string | null;
}

@ObjectType('ItemEdge', { description: 'An item in a list.' })
export class ItemEdgeType {
  @Field(() => String, { description: 'Place in the list.' })
  cursor!: string;

  @Field(() => ItemType, { description: 'The item.' })
  node!: Item;
}

@ObjectType('ItemConnection', {
  description: 'A page of items, newest first unless they were asked for otherwise.',
})
export class ItemConnectionType {
  @Field(() => [ItemEdgeType], { description: 'The items of this page.' })
  edges!: ItemEdgeType[];

  @Field(() => PageInfoType, { description: 'Where the page ends.' })
  pageInfo!: PageInfoType;
}

/** A page of nodes one hop away, each with what relates them. */
function hopConnection(name: string, node: () => unknown, description: string) {
  @ObjectType(`${name}Edge`, { description: 'A node one hop away, and how it is related.' })
  class HopEdge {
    @Field(() => String, { description: 'Place in the list.' })
    cursor!: string;

    @Field(() => RelationEnum, { description: 'The relation between the two.' })
    relation!: Relation;

    @Field(() => String, {
      nullable: true,
      description:
        'Part played in the relation: `data`, `params`, `code`, `artifact`, `item 0` and so on (what an item brought itself), `params of items`, `environment`, `result`, `carried`, `submitter`, `on behalf of`, `worker`, `failed worker`, `lost worker` or `target`, and others as records say them.',
    })
    role!: string | null;

    @Field(node as never, { description: 'The node at the other end.' })
    node!: ProvenanceNode;
  }

  @ObjectType(`${name}Connection`, { description })
  class HopConnection {
    @Field(() => [HopEdge], { description: 'The hops of this page.' })
    edges!: HopEdge[];

    @Field(() => PageInfoType, { description: 'Where the page ends.' })
    pageInfo!: PageInfoType;
  }
  return HopConnection;
}

export const ProvenanceHopConnectionType = hopConnection(
  'ProvenanceHop',
  () => ProvenanceNodeType,
  'A page of nodes one hop away. What the caller may not see is left out.',
);
export const RelatedItemConnectionType = hopConnection(
  'RelatedItem',
  () => ItemType,
  'A page of the items that an activity used or made.',
);
export const RelatedActivityConnectionType = hopConnection(
  'RelatedActivity',
  () => ActivityType,
  'A page of activities, newest first.',
);
export const RelatedAgentConnectionType = hopConnection(
  'RelatedAgent',
  () => AgentType,
  'A page of the agents of an activity.',
);

export interface HopEdgeValue {
  readonly cursor: string;
  readonly relation: Relation;
  readonly role: string | null;
  readonly node: ProvenanceNode;
}

export function itemConnection(slice: Slice<ListedItem>): ConnectionOf<Item> {
  const { edges, pageInfo } = connectionOf(
    pageOf(slice.rows, slice.first),
    ({ position }) => encodeCursor(position),
    (listed) => listed,
    slice.continued,
  );
  return { pageInfo, edges: edges.map(({ cursor, node }) => ({ cursor, node: node.node })) };
}

export function hopsConnection(slice: Slice<Hop>): { edges: HopEdgeValue[]; pageInfo: PageInfoType } {
  const { edges, pageInfo } = connectionOf(
    pageOf(slice.rows, slice.first),
    ({ node, relation, role }) => encodeCursor([node.id, relation, role]),
    (hop) => hop,
    slice.continued,
  );
  return {
    pageInfo,
    edges: edges.map(({ cursor, node: { relation, role, node } }) => ({
      cursor,
      relation,
      role: role === '' ? null : role,
      node,
    })),
  };
}
