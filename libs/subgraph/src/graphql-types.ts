import { Field, ObjectType, Directive } from 'type-graphql';
import type { UserError } from '@weft/errors';

/** Types that every subgraph shares word for word; federation merges them as `@shareable`. */
@Directive('@shareable')
@ObjectType('UserError', {
  description: 'An expected refusal: what is wrong, where in the input, and by its code what to do next.',
})
export class UserErrorType {
  @Field(() => String, { description: 'Stable code from the error catalogue, e.g. `BAD_USER_INPUT`.' })
  code!: string;

  @Field(() => String, { description: 'One sentence for people.' })
  message!: string;

  @Field(() => [String], {
    description: 'Path into the input, outermost first; empty when it concerns the whole.',
  })
  path!: string[];
}

@Directive('@shareable')
@ObjectType('PageInfo', { description: 'Where a page of a list ends (Relay cursor connections).' })
export class PageInfoType {
  @Field(() => Boolean, { description: 'Whether more rows follow after `endCursor`.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether rows precede `startCursor`.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first row; null on an empty page.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last row; null on an empty page.' })
  endCursor!: string | null;
}

export const presentUserErrors = (errors: readonly UserError[]): UserErrorType[] =>
  errors.map((error) => ({ code: error.code, message: error.message, path: [...error.path] }));

export interface ConnectionOf<Node> {
  readonly edges: { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: PageInfoType;
}

/** Edges and page info of one page of rows. */
export function connectionOf<Row, Node>(
  page: { readonly rows: readonly Row[]; readonly hasNextPage: boolean },
  cursorOf: (row: Row) => string,
  nodeOf: (row: Row) => Node,
  hasPreviousPage = false,
): ConnectionOf<Node> {
  const edges = page.rows.map((row) => ({ cursor: cursorOf(row), node: nodeOf(row) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
