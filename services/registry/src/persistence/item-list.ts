import type { Queryable, Statement } from '@weft/database';
import type { ItemFilter, ProvenanceReader, Viewer } from '../application/ports.js';
import { ALL_REGISTERED, RECORDED_SUBTYPES, type Item, type ItemSubtype } from '../domain/node.js';
import { identity } from '../domain/statement.js';
import { keyAfter, readPosition } from './cursor.js';
import { NODE_COLUMNS, nodeOfRow, type NodeRow } from './node-table.js';
import { isUuid, publicId } from './public-id.js';
import { ofRecordType, tagged, wordsAsked } from './words.js';

interface ListedRow extends NodeRow {
  readonly origin: string;
}

const RECORDED: readonly ItemSubtype[] = RECORDED_SUBTYPES.ENTITY;
const REGISTERED: readonly ItemSubtype[] = ALL_REGISTERED;
const ALL_SUBTYPES: readonly ItemSubtype[] = [...new Set([...RECORDED, ...REGISTERED])];

// Parameters of all: organizations, subtypes, after (key or null), limit, principals. What an organization has of a
// subtype is one ordered stretch of the index, and so is what a principal may read of it; the newest of them are merged.
const after = (column: string): string => `($3::bigint is null or -${column} > -$3)`;

const ofOrganizations = (condition = ''): string => `
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
          and (n.kind = 'ENTITY' or n.registered)
          and n.readers && $5::uuid[]
          and ${after('n.id')}
          ${condition}
        order by -n.id
        limit $4
      ) stretch
      order by stretch.key desc
      limit $4
    ) listed`;

// Several principals may read the same item: the merge is by key, and what comes twice is taken once.
const ofPrincipals = (subtypes: string, condition = ''): string => `
    select null::uuid as origin, stretch.*
    from unnest($5::uuid[]) as reader (principal)
    cross join unnest(${subtypes}::text[]) as wanted (subtype)
    cross join lateral (
      select ${NODE_COLUMNS}
      from item_reader r
      join node n on n.id = r.node
      where r.principal = reader.principal
        and r.subtype = wanted.subtype
        and ${after('r.node')}
        ${condition}
      order by -r.node
      limit $4
    ) stretch`;

const merged = (text: string): string =>
  `select distinct on (key) * from (${text}) listed order by key desc limit $4`;

const BY_ORGANIZATION: Statement = { name: 'items-by-organization', text: ofOrganizations() };

const OF_ORGANIZATION: Statement = { name: 'items-of-organization', text: merged(ofOrganizations()) };

/** $2 are the recorded subtypes wanted, $6 the registered ones. */
const everything = (condition?: string): string =>
  merged(`(${ofOrganizations(condition)}) union all (${ofPrincipals('$6', condition)})`);

const ALL: Statement = { name: 'items', text: everything() };

// What the index of the words covers, and the rights in it.
const INDEXED = `(n.kind = 'ENTITY' or n.registered) and n.readers && $5::uuid[]`;

/**
 * What else a filter asks, as conditions on `n` after parameter `place`. Such statements are unnamed, so that PostgreSQL plans
 * them for the words at hand: rare ones by the index of the words, frequent ones by the listing.
 */
function conditionsOf(
  { text, recordType, tag }: ItemFilter,
  target: number | undefined,
  place: number,
): { condition: string; values: (string | number)[] } {
  const of = (given: string | number | undefined, condition: (parameter: string) => string) =>
    given === undefined ? [] : [{ given, condition }];
  const asked = [
    ...of(text, (parameter) => `n.search @@ ${wordsAsked(parameter)}`),
    ...of(
      recordType && ofRecordType(recordType),
      (parameter) => `n.registered and n.search @@ ${parameter}::tsquery`,
    ),
    ...of(tag === undefined ? undefined : tagged(tag), (parameter) => `n.search @@ ${parameter}::tsquery`),
    ...of(
      target,
      (parameter) => `exists (select from item_reference r where r.node = n.id and r.target = ${parameter})`,
    ),
  ];
  if (asked.length === 0) return { condition: '', values: [] };
  return {
    condition: [INDEXED, ...asked.map(({ condition }, at) => condition(`$${place + at + 1}`))]
      .map((one) => `and ${one}`)
      .join(' '),
    values: asked.map(({ given }) => given),
  };
}

const OF_JOB: Statement = {
  name: 'items-of-job',
  text: `
    select ${NODE_COLUMNS}
    from node activity
    join edge on edge.dst = activity.id and edge.relation = 'WAS_GENERATED_BY'
    join node n on n.id = edge.src
    where activity.public_id = $6
      and edge.organization_id = any ($1::uuid[])
      and n.subtype = any ($2::text[])
      and n.readers && $5::uuid[]
      and ($3::bigint is null or n.id < $3)
      and ($7::text is null or n.search @@ ${wordsAsked('$7')})
    order by n.id desc
    limit $4`,
};

const itemOfRow = (row: NodeRow): Item => nodeOfRow(row) as Item;

/** Lists of items, newest first. */
export const itemList = (database: Queryable): Pick<ProvenanceReader, 'items' | 'itemsByOrganization'> => ({
  async items(viewer, { filter, first, after: position }) {
    const subtypes = filter.subtype === undefined ? ALL_SUBTYPES : [filter.subtype];
    const rows = await listed(database, viewer, filter, {
      subtypes,
      after: await keyAfter(database, 'node', viewer.principals, readPosition(position, 1).id),
      limit: first + 1,
    });
    return rows.map(itemOfRow);
  },

  async itemsByOrganization({ principals }, organizations, { first, after: position }) {
    const rows = await database.query<ListedRow>(BY_ORGANIZATION, [
      organizations.filter(isUuid),
      ALL_SUBTYPES,
      await keyAfter(database, 'node', principals, readPosition(position, 1).id),
      first + 1,
      principals,
    ]);
    const items = new Map<string, Item[]>(organizations.map((id) => [id, []]));
    for (const row of rows.sort((one, other) => other.key - one.key))
      items.get(row.origin)?.push(itemOfRow(row));
    return items;
  },
});

interface Stretch {
  readonly subtypes: readonly ItemSubtype[];
  readonly after: number | null;
  readonly limit: number;
}

async function listed(
  database: Queryable,
  { organizations, principals }: Viewer,
  filter: ItemFilter,
  { subtypes, after: position, limit }: Stretch,
): Promise<NodeRow[]> {
  const { jobId, text, organizationId } = filter;
  const among = (some: readonly ItemSubtype[]): ItemSubtype[] => subtypes.filter((one) => some.includes(one));
  if (jobId !== undefined) {
    const scope = organizations.filter((id) => organizationId === undefined || id === organizationId);
    const values = [scope, subtypes, position, limit, principals];
    return database.query(OF_JOB, [...values, publicId(identity.job(jobId)), text ?? null]);
  }
  const target = await targetOf(database, principals, filter.references);
  if (target === null) return [];
  if (organizationId !== undefined) {
    // Of another organization only what it shows to the caller: its members' lists are by organization, others' by reader.
    const values = [isUuid(organizationId) ? [organizationId] : [], subtypes, position, limit, principals];
    const more = conditionsOf(filter, target, values.length);
    if (more.condition === '') return database.query(OF_ORGANIZATION, values);
    return database.query(merged(ofOrganizations(more.condition)), [...values, ...more.values]);
  }
  const values = [organizations, among(RECORDED), position, limit, principals, among(REGISTERED)];
  const more = conditionsOf(filter, target, values.length);
  if (more.condition === '') return database.query(ALL, values);
  return database.query(everything(more.condition), [...values, ...more.values]);
}

const TARGET: Statement = {
  name: 'item-target',
  text: `select n.id as key from item i join node n on n.id = i.node
    where n.id = coalesce((select id from node where public_id = $1), (select node from item where pid = $2))
      and n.readers && $3::uuid[]`,
};

/** Known by its key, so that the list is planned for how many name it. Null: the caller sees no such item. */
async function targetOf(
  database: Queryable,
  principals: readonly string[],
  reference: string | undefined,
): Promise<number | null | undefined> {
  if (reference === undefined) return undefined;
  const [id, pid] = isUuid(reference) ? [reference, null] : [null, reference];
  const [row] = await database.query<{ key: number }>(TARGET, [id, pid, principals]);
  return row?.key ?? null;
}
