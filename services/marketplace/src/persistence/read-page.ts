import { pageOf, type Page, type PageRequest } from '@weft/database';
import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';

/** One page of a query, sorted by an id. Reads one row more than asked, to know whether there are more. */
export async function readPage<T extends ObjectLiteral>(
  query: SelectQueryBuilder<T>,
  page: PageRequest,
  sortKey: string,
  direction: 'ASC' | 'DESC',
): Promise<Page<T>> {
  if (page.after !== undefined)
    query.andWhere(`${sortKey} ${direction === 'ASC' ? '>' : '<'} :after`, { after: page.after[0] });
  const rows = await query
    .orderBy(sortKey, direction)
    .limit(page.first + 1)
    .getMany();
  return pageOf(rows, page.first);
}
