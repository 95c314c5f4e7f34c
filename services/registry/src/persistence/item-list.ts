import type { Queryable, Statement } from '@weft/database';
import type { ItemFilter, ProvenanceReader } from '../application/ports.js';
import { ITEM_SUBTYPES, type Item } from '../domain/node.js';
import { identity } from '../domain/statement.js';
import { readPosition } from './cursor.js';
import { NODE_COLUMNS, nodeOfRow, type NodeRow } from './node-table.js';
import { isUuid, publicId } from './public-id.js';

interface ListedRow extends NodeRow {
  readonly origin: string;
}

// Parameters: organizations, subtypes, after (public id or null), limit. Each pair of organization and subtype is
// one ordered stretch of the index; the newest of them are merged.
const listing = (condition = ''): string => `
    select organization.id as origin, listed.*
    from unnest($1::uuid[]) as organization (id)
    cross join lateral (
      select stretch.*
      from unnest($2::text[]) as wanted (subtype)
      cross join lateral (
        select ${NODE_COLUMNS}
        from node n
        where n.organization_id = organization.id
          and n.subtype = wanted.subtype
          and ($3::uuid is null or -n.id > (select -id from node where public_id = $3))
          ${condition}
        order by -n.id
        limit $4
      ) stretch
      order by stretch.key desc
      limit $4
    ) listed`;

const merged = (text: string): string => `${text} order by listed.key desc limit $4`;

const BY_ORGANIZATION: Statement = { name: 'items-by-organization', text: listing() };

const ALL: Statement = { name: 'items', text: merged(listing()) };

/** Unnamed, so that PostgreSQL plans it for the words at hand: rare ones by the text index, frequent ones by the listing. */
const WITH_TEXT = merged(listing(`and n.kind = 'ENTITY' and n.search @@ websearch_to_tsquery('simple', $5)`));

const OF_JOB: Statement = {
  name: 'items-of-job',
  text: `
    select ${NODE_COLUMNS}
    from node activity
    join edge on edge.dst = activity.id and edge.relation = 'WAS_GENERATED_BY'
    join node n on n.id = edge.src
    where activity.public_id = $5
      and edge.organization_id = any ($1::uuid[])
      and n.organization_id = any ($1::uuid[])
      and n.subtype = any ($2::text[])
      and ($3::uuid is null or n.id < (select id from node where public_id = $3))
      and ($6::text is null or n.search @@ websearch_to_tsquery('simple', $6))
    order by n.id desc
    limit $4`,
};

const itemOfRow = (row: NodeRow): Item => nodeOfRow(row) as Item;

/** Lists of items, newest first. */
export const itemList = (database: Queryable): Pick<ProvenanceReader, 'items' | 'itemsByOrganization'> => ({
  async items(organizations, { filter, first, after }) {
    const scope = organizations.filter(
      (id) => filter.organizationId === undefined || id === filter.organizationId,
    );
    const subtypes = filter.subtype === undefined ? ITEM_SUBTYPES : [filter.subtype];
    const shared = [scope, subtypes, readPosition(after, 1).id, first + 1];
    return (await listed(database, filter, shared)).map(itemOfRow);
  },

  async itemsByOrganization(organizations, { first, after }) {
    const rows = await database.query<ListedRow>(BY_ORGANIZATION, [
      organizations.filter(isUuid),
      ITEM_SUBTYPES,
      readPosition(after, 1).id,
      first + 1,
    ]);
    const items = new Map<string, Item[]>(organizations.map((id) => [id, []]));
    for (const row of rows.sort((one, other) => other.key - one.key))
      items.get(row.origin)?.push(itemOfRow(row));
    return items;
  },
});

function listed(
  database: Queryable,
  { jobId, text }: ItemFilter,
  shared: readonly unknown[],
): Promise<NodeRow[]> {
  if (jobId !== undefined)
    return database.query(OF_JOB, [...shared, publicId(identity.job(jobId)), text ?? null]);
  if (text !== undefined) return database.query(WITH_TEXT, [...shared, text]);
  return database.query(ALL, shared);
}
