import type { Queryable, Statement } from '@weft/database';
import type {
  ItemFilter,
  ItemOrder,
  ItemsRequest,
  ListedItem,
  ProvenanceReader,
  Viewer,
} from '../application/ports.js';
import { ALL_REGISTERED, RECORDED_SUBTYPES, type Item, type ItemSubtype } from '../domain/node.js';
import { identity } from '../domain/statement.js';
import { keyAfter, readPosition } from './cursor.js';
import { inOrder, placeOf, toldPlace, type After } from './item-order.js';
import { NODE_COLUMNS, nodeOfRow, type NodeRow } from './node-table.js';
import { isUuid, publicId } from './public-id.js';
import { ofRecordType, tagged, wordsAsked } from './words.js';

interface ListedRow extends NodeRow {
  readonly origin: string;
  /** Where it stands in the order; null: by its key alone. */
  readonly told: string | null;
}

const RECORDED: readonly ItemSubtype[] = RECORDED_SUBTYPES.ENTITY;
const REGISTERED: readonly ItemSubtype[] = ALL_REGISTERED;
const ALL_SUBTYPES: readonly ItemSubtype[] = [...new Set([...RECORDED, ...REGISTERED])];

/** A statement that is put together with its values. */
class Writing {
  readonly values: unknown[] = [];
  readonly given = (value: unknown): string => `$${this.values.push(value)}`;
}

interface Asked {
  readonly order: ReturnType<typeof inOrder>;
  readonly principals: string;
  readonly limit: string;
}

const asked = (
  { given }: Writing,
  { principals }: Pick<Viewer, 'principals'>,
  { order, after, limit }: Stretch,
): Asked => ({
  order: inOrder(order, after, given),
  principals: given(principals),
  limit: given(limit),
});

// What an organization has of a subtype is one ordered stretch of an index, and so is what a principal may read of it; the
// first of them are merged.
const ofOrganizations = (
  { order, principals, limit }: Asked,
  organizations: string,
  subtypes: string,
  condition = '',
): string => `
    select organization.id as origin, listed.*
    from unnest(${organizations}::uuid[]) as organization (id)
    cross join lateral (
      select stretch.*
      from unnest(${subtypes}::text[]) as wanted (subtype)
      cross join lateral (
        select ${NODE_COLUMNS}, ${order.node.place}
        from node n
        where n.organization_id = organization.id
          and n.subtype = wanted.subtype
          and (n.kind = 'ENTITY' or n.registered)
          and n.readers && ${principals}::uuid[]
          ${order.node.after}
          ${condition}
        order by ${order.node.by}
        limit ${limit}
      ) stretch
      order by ${order.rows}
      limit ${limit}
    ) listed`;

// Several principals may read the same item: the merge takes once what comes twice.
const ofPrincipals = ({ order, principals, limit }: Asked, subtypes: string, condition: string): string => `
    select null::uuid as origin, stretch.*
    from unnest(${principals}::uuid[]) as reader (principal)
    cross join unnest(${subtypes}::text[]) as wanted (subtype)
    cross join lateral (
      select ${NODE_COLUMNS}, ${order.reader.place}
      from item_reader r
      join node n on n.id = r.node
      where r.principal = reader.principal
        and r.subtype = wanted.subtype
        ${order.reader.after}
        ${condition}
      order by ${order.reader.by}
      limit ${limit}
    ) stretch`;

const merged = ({ order, limit }: Asked, text: string): string => `
  select once.*, ${order.told} as told from (select distinct on (key) * from (${text}) listed order by key) once
  order by ${order.rows} limit ${limit}`;

/**
 * What else a filter asks, as conditions on `n`. Such statements are unnamed, so that PostgreSQL plans them for the words at
 * hand: rare ones by the index of the words, frequent ones by the listing.
 */
function conditionsOf(
  { text, recordType, tag }: ItemFilter,
  target: number | undefined,
  { given }: Writing,
  { principals }: Asked,
): string {
  const of = (value: string | number | undefined, condition: (parameter: string) => string): string[] =>
    value === undefined ? [] : [condition(given(value))];
  const conditions = [
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
  // What the index of the words covers, and the rights in it.
  const indexed = `(n.kind = 'ENTITY' or n.registered) and n.readers && ${principals}::uuid[]`;
  return conditions.length === 0 ? '' : ['', indexed, ...conditions].join(' and ');
}

/** Results of a job, whosever it is: there are as many as the job has items, so that any order is made of all of them. */
const ofJob = (
  { order, principals, limit }: Asked,
  { given }: Writing,
  { jobId = '', organizationId, text }: ItemFilter,
  subtypes: readonly ItemSubtype[],
): string => `
    select listed.*, ${order.told} as told
    from (
      select ${NODE_COLUMNS}, ${order.node.place}
      from node activity
      join edge on edge.dst = activity.id and edge.relation = 'WAS_GENERATED_BY'
      join node n on n.id = edge.src
      where activity.public_id = ${given(publicId(identity.job(jobId)))}
        and n.subtype = any (${given(subtypes)}::text[])
        and n.readers && ${principals}::uuid[]
        ${organizationId === undefined ? '' : `and n.organization_id = ${given(organizationId)}::uuid`}
        ${text === undefined ? '' : `and n.search @@ ${wordsAsked(given(text))}`}
        ${order.node.after}
      order by ${order.node.by}
      limit ${limit}
    ) listed
    order by ${order.rows}`;

/** Lists of items. */
export const itemList = (database: Queryable): Pick<ProvenanceReader, 'items' | 'itemsByOrganization'> => ({
  async items(viewer, { filter, order, first, after }) {
    const subtypes = filter.subtype === undefined ? ALL_SUBTYPES : [filter.subtype];
    const stretch = await stretchOf(database, viewer, { order, first, after });
    return (await listed(database, viewer, filter, subtypes, stretch)).map(listedItem(order));
  },

  async itemsByOrganization(viewer, organizations, { order, first, after }) {
    const stretch = await stretchOf(database, viewer, { order, first, after });
    const writing = new Writing();
    const how = asked(writing, viewer, stretch);
    const [ids, subtypes] = [writing.given(organizations.filter(isUuid)), writing.given(ALL_SUBTYPES)];
    const text = `select listed.*, ${how.order.told} as told from (${ofOrganizations(how, ids, subtypes)}) listed
      order by ${how.order.rows}`;
    const rows = await database.query<ListedRow>(
      { name: statementName('by-organization', stretch), text },
      writing.values,
    );
    const items = new Map<string, ListedItem[]>(organizations.map((id) => [id, []]));
    for (const row of rows) items.get(row.origin)?.push(listedItem(order)(row));
    return items;
  },
});

const listedItem =
  (order: ItemOrder) =>
  (row: ListedRow): ListedItem => {
    const node = nodeOfRow(row) as Item;
    return { node, position: [node.id, ...toldPlace(order, row.told)] };
  };

interface Stretch {
  readonly order: ItemOrder;
  readonly after: After | null;
  readonly limit: number;
}

async function stretchOf(
  database: Queryable,
  { principals }: Viewer,
  { order, first, after: position }: Omit<ItemsRequest, 'filter'>,
): Promise<Stretch> {
  const { id, rest } = readPosition(position, 1, 3);
  const place = id === undefined ? null : placeOf(order, rest);
  const key = await keyAfter(database, 'node', principals, id);
  return { order, after: key === null ? null : { key, place }, limit: first + 1 };
}

/** Each of these has one text. */
const statementName = (list: string, { order, after }: Stretch): string =>
  `items-${list}-${order.toLowerCase()}${after === null ? '' : '-after'}`;

async function listed(
  database: Queryable,
  viewer: Viewer,
  filter: ItemFilter,
  subtypes: readonly ItemSubtype[],
  stretch: Stretch,
): Promise<ListedRow[]> {
  const { jobId, organizationId, references } = filter;
  if (organizationId !== undefined && !isUuid(organizationId)) return [];
  const writing = new Writing();
  const { given, values } = writing;
  const how = asked(writing, viewer, stretch);
  if (jobId !== undefined) return database.query(ofJob(how, writing, filter, subtypes), values);
  const target = await targetOf(database, viewer.principals, references);
  if (target === null) return [];
  // Of another organization only what it shows to the caller: its members' lists are by organization, others' by reader.
  const among = (some: readonly ItemSubtype[]): ItemSubtype[] => subtypes.filter((one) => some.includes(one));
  const [list, organizations, ofThem] =
    organizationId === undefined
      ? ['all', viewer.organizations, among(RECORDED)]
      : ['of-organization', [organizationId], subtypes];
  const [owners, kinds] = [given(organizations), given(ofThem)];
  const registered = organizationId === undefined ? given(among(REGISTERED)) : undefined;
  const more = conditionsOf(filter, target, writing, how);
  const owned = ofOrganizations(how, owners, kinds, more);
  const text = merged(
    how,
    registered === undefined ? owned : `(${owned}) union all (${ofPrincipals(how, registered, more)})`,
  );
  return database.query(more === '' ? { name: statementName(list, stretch), text } : text, values);
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
