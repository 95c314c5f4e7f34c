import {
  DEFAULT_PAGE,
  encodeCursor,
  MAX_PAGE,
  pageRequest,
  type Page,
  type PageRequest,
} from '@weft/database';
import { connectionOf, type ConnectionOf } from '@weft/subgraph';
import { ArgsType, Field, Int } from 'type-graphql';

@ArgsType()
export class PageArgs {
  @Field(() => Int, {
    nullable: true,
    description: `How many entries, 1 to ${MAX_PAGE}; ${DEFAULT_PAGE} when absent.`,
  })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last entry already seen.' })
  after?: string | null;

  static read({ first, after }: PageArgs): PageRequest {
    return pageRequest(first, after);
  }
}

/** A page of rows that are sorted by one id. */
export const connectionById = <Row>(
  page: Page<Row>,
  idOf: (row: Row) => string,
  request: PageRequest,
): ConnectionOf<Row> =>
  connectionOf(
    page,
    (row) => encodeCursor([idOf(row)]),
    (row) => row,
    request.after !== undefined,
  );
