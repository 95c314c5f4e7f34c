import { PageInfoType, type ConnectionOf } from '@weft/subgraph';
import { Field, ObjectType, type ClassType } from 'type-graphql';

/** The Relay connection type of a node type: one declaration for all lists. */
export function connectionType<Node extends object>(
  name: string,
  node: ClassType<Node>,
  what: string,
): ClassType<ConnectionOf<Node>> {
  @ObjectType(`${name}Edge`, { description: `One of ${what}, with its place in the list.` })
  class Edge {
    @Field(() => String, {
      description: 'Opaque position in the list: pass it as `after` to continue behind it.',
    })
    cursor!: string;

    @Field(() => node, { description: 'The thing at this position.' })
    node!: Node;
  }

  @ObjectType(`${name}Connection`, { description: `One page of ${what}.` })
  class Connection {
    @Field(() => [Edge], { description: 'The entries of this page, in order.' })
    edges!: Edge[];

    @Field(() => PageInfoType, { description: 'Where this page ends and whether there is more.' })
    pageInfo!: PageInfoType;
  }
  return Connection;
}
