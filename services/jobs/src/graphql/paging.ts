// How lists are paged in the graph: Relay connections, and what their arguments say of themselves.
import { PageInfoType, type ConnectionOf } from '@weft/subgraph';
import { Field, ObjectType } from 'type-graphql';

export const FIRST = 'How many, 1 to 100; 20 when left out.';
export const AFTER = 'Cursor of the last row already seen.';

export function connection<T extends object>(
  name: string,
  node: () => new () => T,
  of: string,
): { connection: new () => ConnectionOf<T>; edge: object } {
  @ObjectType(`${name}Edge`, { description: `One ${of} in a list.` })
  class Edge {
    @Field(() => String, { description: 'Opaque position; pass it as `after`.' })
    cursor!: string;
    @Field(() => node(), { description: `The ${of}.` })
    node!: T;
  }
  @ObjectType(`${name}Connection`, {
    description: `A page of a list of ${of.endsWith('ch') ? `${of}es` : `${of}s`}.`,
  })
  class Connection {
    @Field(() => [Edge], { description: 'The rows of the page.' })
    edges!: Edge[];
    @Field(() => PageInfoType, { description: 'Where the page ends.' })
    pageInfo!: PageInfoType;
  }
  return { connection: Connection as unknown as new () => ConnectionOf<T>, edge: Edge };
}
