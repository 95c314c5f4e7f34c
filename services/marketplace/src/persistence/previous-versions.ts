import type { Queryable } from '@weft/database';

/** Of versions of services those that were added before them: of the first of a service none. Ids are in the order of time. */
export async function previousVersions(
  database: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await database.query<{ id: string; previous: string }>(
    `select v.id, previous.id as previous from service_version v
     cross join lateral (
       select id from service_version where service_id = v.service_id and id < v.id order by id desc limit 1
     ) previous
     where v.id = any ($1::uuid[])`,
    [ids],
  );
  return new Map(rows.map(({ id, previous }) => [id, previous]));
}
