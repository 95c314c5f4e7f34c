import type { Queryable } from '@weft/database';
import {
  MOST_NAMING,
  type FoundItem,
  type ItemAlias,
  type ItemReader,
  type ListedRequest,
  type LockEvent,
  type RequestsOf,
} from '../application/item-reader.js';
import type { ActivityWorkflow } from '../domain/activity-workflow.js';
import type { ItemRevision } from '../domain/item.js';
import { ITEM_COLUMNS, itemOfRow, type ItemRow } from './item-rows.js';
import { NODE_COLUMNS, nodeOfRow, type NodeRow } from './node-table.js';
import { keyAfter } from './cursor.js';
import { isUuid } from './public-id.js';
import { ofRecordType, tagged, wordsAsked } from './words.js';

type Of<Row, Key> = Row & { readonly origin: Key };

const RECORDS = `select ${ITEM_COLUMNS} from item i join node n on n.id = i.node where i.node = any ($1::bigint[])`;

const IDS = `select n.public_id::text as reference, n.public_id as id from node n where n.public_id = any ($1::uuid[])
  union all
  select i.pid, n.public_id from item i join node n on n.id = i.node where i.pid = any ($2::text[])`;

const NODES = `select ${NODE_COLUMNS} from node n where n.id = any ($1::bigint[]) and n.readers && $2::uuid[]`;

/** Parameters: keys, below or null, limit. */
const numbered = (columns: string, table: string, number: string): string => `
  select origin.key as origin, listed.*
  from unnest($1::bigint[]) as origin (key)
  cross join lateral (
    select ${columns} from ${table} t
    where t.node = origin.key and ($2::integer is null or t.${number} < $2)
    order by t.${number} desc limit $3
  ) listed
  order by origin.key, listed.${number} desc`;

const HISTORY = numbered(
  `t.revision, t.action, t.at, t.user_id as "userId", t.reason, t.reverts_to as "revertsTo", t.name,
   t.schema_version as "schemaVersion", t.metadata, t.tags`,
  'item_revision',
  'revision',
);
const LOCKS = numbered(
  't.number, t.action, t.at, t.user_id as "userId", t.reason',
  'item_lock_event',
  'number',
);

const VERSIONS = `
  select origin.id as origin, listed.*
  from unnest($1::uuid[]) as origin (id)
  cross join lateral (
    select i.version as number, ${NODE_COLUMNS}
    from item i join node n on n.id = i.node
    where i.series_id = origin.id and ($2::integer is null or i.version < $2) and n.readers && $4::uuid[]
    order by i.version desc limit $3
  ) listed
  order by origin.id, listed.number desc`;

/** Parameters: key, principals, key of the last one seen or null. The activities that made an item are no use of it. */
const namesIt = (columns: string): string => `
  select ${columns}
  from (
    select r.node from item_reference r
    where r.target = $1 and ($3::bigint is null or -r.node > -$3)
    order by -r.node limit ${MOST_NAMING}
  ) naming
  join node n on n.id = naming.node
  where n.readers && $2::uuid[] and n.subtype not in ('CREATE', 'VERSION')`;

const NAMING = `${namesIt(NODE_COLUMNS)} order by -n.id limit $4`;
const COUNT_NAMING = namesIt('count(*)::int as count');

const ALIASES = `select series_id as origin, alias as name, node as key, moved_at as "movedAt", moved_by as "movedBy"
  from item_alias where series_id = any ($1::uuid[]) order by alias`;

const WORKFLOWS = `
  select w.node as origin, w.id, w.kind, w.user_id as "userId", w.requested_at as "requestedAt", a.public_id as "activityId",
    (select json_agg(json_build_object('key', s.key, 'jobId', s.job_id, 'state', s.state)
       order by array_position(array['register', 'lodge', 'store'], s.key))
     from activity_workflow_step s where s.workflow_id = w.id) as steps
  from activity_workflow w left join node a on a.id = w.activity
  where w.node = any ($1::bigint[])
  order by w.requested_at desc`;

/** Matches beyond these are not weighed: whose words are in more items has to say more. */
const MOST_WEIGHED = 10_000;

// Parameters of both: text, principals, then the filter.
const WITHIN = `n.readers && $2::uuid[]
      and ($3::text[] is null or n.subtype = any ($3))
      and ($4::uuid is null or n.organization_id = $4)
      and ($5::tsquery is null or (n.registered and n.search @@ $5))
      and ($6::tsquery is null or n.search @@ $6)
      and ($7 or not exists (select from item i where i.node = n.id and i.withdrawn_at is not null))`;

const SEARCH = `
  with wanted as (
    select ${wordsAsked('$1')} as query
  ), matches as (
    select n.id, round(ts_rank_cd(n.search, wanted.query, 32)::numeric, 6) as score
    from node n, wanted
    where (n.kind = 'ENTITY' or n.registered) and n.search @@ wanted.query and ${WITHIN}
    limit ${MOST_WEIGHED}
  )
  select found.score::text as score, ${NODE_COLUMNS}
  from (
    select * from matches
    where $9::numeric is null or (score, id) < ($9::numeric, $10::bigint)
    order by score desc, id desc
    limit $8
  ) found
  join node n on n.id = found.id
  order by found.score desc, n.id desc`;

const SIMILAR = `
  select round(alike.score::numeric, 6)::text as score, ${NODE_COLUMNS}
  from similarly_named($1, $2::uuid[]) alike join node n on n.id = alike.node
  where ${WITHIN}
  order by alike.score desc, n.id desc
  limit $8`;

/** Words that are asked for, with none that are excluded or kept together. */
const PLAIN = /^(?!.*(?:^|\s)-)[^"]*$/s;

const REQUEST_COLUMNS = `r.id, r.node as "itemKey", r.user_id as "userId", r.roles, r.note, r.expires_at as "expiresAt", r.state,
  r.requested_at as "requestedAt", n.public_id as "itemId",
  case when r.decided_at is not null
    then json_build_object('at', r.decided_at, 'by', r.decided_by, 'note', r.decision_note) end as decision`;

const requestsOf = (whose: string): string => `
  select ${REQUEST_COLUMNS} from item_access_request r join node n on n.id = r.node
  where ${whose} and ($2::text is null or r.state = $2)
    and ($3::timestamptz is null or (r.requested_at, r.id) < ($3, $4::uuid))
  order by r.requested_at desc, r.id desc limit $5`;

const requestsOfPeople = (of: Exclude<RequestsOf, { key: number }>): [string, unknown] =>
  'userId' in of ? ['r.user_id = $1', of.userId] : ['r.deciders && $1::uuid[]', of.deciders];

const PERSON = `select ${NODE_COLUMNS} from person_link l join node n on n.id = l.node
  where l.user_id = $1 and n.readers && $2::uuid[]`;

/** What readers ask of registered items. */
export const itemReader = (database: Queryable): ItemReader => {
  const byOrigin = async <Row extends object, Key>(text: string, values: readonly unknown[]) => {
    const rows = await database.query<Of<Row, Key>>(text, values);
    return Map.groupBy(rows, ({ origin }) => origin) as Map<Key, Row[]>;
  };
  return {
    records: async (keys) =>
      (await database.query<ItemRow>({ name: 'item-records', text: RECORDS }, [keys])).map(itemOfRow),
    async idsOf(references) {
      const rows = await database.query<{ reference: string; id: string }>({ name: 'item-ids', text: IDS }, [
        references.filter(isUuid),
        references,
      ]);
      return new Map(rows.map(({ reference, id }) => [reference, id]));
    },
    nodesByKey: async ({ principals }, keys) =>
      (await database.query<NodeRow>({ name: 'nodes-by-key', text: NODES }, [keys, principals])).map(
        nodeOfRow,
      ),
    history: (keys, page) =>
      byOrigin<ItemRevision, number>(HISTORY, [keys, page.below ?? null, page.first + 1]),
    lockHistory: (keys, page) =>
      byOrigin<LockEvent, number>(LOCKS, [keys, page.below ?? null, page.first + 1]),
    async versions({ principals }, seriesIds, page) {
      const values = [seriesIds, page.below ?? null, page.first + 1, principals];
      const found = await byOrigin<NodeRow & { number: number }, string>(VERSIONS, values);
      return new Map(
        [...found].map(([series, rows]) => [
          series,
          rows.map((row) => ({ version: row.number, node: nodeOfRow(row) })),
        ]),
      );
    },
    aliases: (seriesIds) => byOrigin<ItemAlias, string>(ALIASES, [seriesIds]),
    workflows: (keys) => byOrigin<ActivityWorkflow, number>(WORKFLOWS, [keys]),
    async search({ principals }, request) {
      const { text, subtypes, organizationId, recordType, tag, withdrawn, first, after } = request;
      if (organizationId !== undefined && !isUuid(organizationId)) return [];
      const values = [
        ...[text, principals, subtypes ?? null, organizationId ?? null],
        recordType === undefined ? null : ofRecordType(recordType),
        tag === undefined ? null : tagged(tag),
        withdrawn,
      ];
      // Unnamed: planned for the words at hand.
      type Row = NodeRow & { readonly score: string };
      const position = [after?.score ?? null, await keyAfter(database, 'node', principals, after?.id)];
      let rows = await database.query<Row>(SEARCH, [...values, first + 1, ...position]);
      if (rows.length === 0 && after === undefined && PLAIN.test(text))
        rows = await database.query<Row>(SIMILAR, [...values, first]);
      return rows.map((row): FoundItem => ({ score: row.score, node: nodeOfRow(row) }));
    },
    async accessRequests(of, state, { first, after }) {
      const [whose, who] = 'key' in of ? ['r.node = $1', of.key] : requestsOfPeople(of);
      const rows = await database.query<ListedRequest>(requestsOf(whose), [
        who,
        state ?? null,
        after?.at ?? null,
        after?.id ?? null,
        first + 1,
      ]);
      return rows.map((row) => ({
        ...row,
        decision: row.decision === null ? null : { ...row.decision, at: new Date(row.decision.at) },
      }));
    },
    async naming({ principals }, key, first, after) {
      const last = await keyAfter(database, 'node', principals, after);
      const rows = await database.query<NodeRow>({ name: 'items-naming', text: NAMING }, [
        ...[key, principals, last, first + 1],
      ]);
      return rows.map(nodeOfRow);
    },
    async countNaming({ principals }, key) {
      const [row] = await database.query<{ count: number }>(
        { name: 'items-naming-count', text: COUNT_NAMING },
        [...[key, principals, null]],
      );
      return row?.count ?? 0;
    },
    async personOf({ principals }, userId) {
      const [row] = await database.query<NodeRow>({ name: 'person-of', text: PERSON }, [userId, principals]);
      return row === undefined ? undefined : nodeOfRow(row);
    },
  };
};
