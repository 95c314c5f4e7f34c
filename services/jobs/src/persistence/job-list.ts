// Lists of jobs. Each lane of an organization is read by an index in the order of the list, as far as the page needs; conditions
// that no index answers are looked at on the way, at most so many rows a request: history costs no more than that.
import type { Database } from '@weft/database';
import {
  LOOKED_AT_A_PAGE,
  LOOKED_AT_A_SUMMARY,
  placeOf,
  type DurationSummary,
  type JobGrouping,
  type JobList,
  type JobPlace,
} from '../application/job-list.js';
import { PHASES, phaseOf } from '../domain/roll-up.js';
import { JOB_STATES } from '@weft/contracts';
import type { Job } from '../domain/job.js';
import { selectList } from './columns.js';
import {
  conditionsOf,
  createValues,
  ORDERS,
  residualOf,
  type JobLane,
  type OrderSql,
  type Source,
} from './job-conditions.js';
import { jobOf } from './rows.js';
import { JobTable, type JobRow } from './tables.js';

const JOB = selectList(JobTable, 'j');
/** More groups than a person reads are not told. */
const MAX_GROUPS = 400;

const phases = PHASES.map((phase) => {
  const states = JOB_STATES.filter((state) => phaseOf(state) === phase).map((state) => `'${state}'`);
  return `when j.state in (${states.join(', ')}) then '${phase}'`;
}).join(' ');

const GROUPS: { readonly [Grouping in JobGrouping]: string } = {
  STATE: 'j.state',
  PHASE: `case ${phases} end`,
  KIND: 'j.kind',
  TARGET: 'j.target_id',
  DEFINITION: `coalesce(j.definition_id::text, '')`,
  ORGANIZATION: 'j.organization_id::text',
  DAY: `to_char(j.submitted_at at time zone 'UTC', 'YYYY-MM-DD')`,
};

const all = (conditions: readonly string[]): string =>
  conditions.length === 0 ? 'true' : conditions.join(' and ');

const LANE = `mine.id || ' ' || mine.hidden`;
const lanesIn = (lanes: readonly JobLane[], put: (value: unknown) => string): string =>
  `unnest(${put(lanes.map((lane) => lane.organizationId))}::uuid[], ${put(lanes.map((lane) => lane.hidden))}::boolean[]) as mine(id, hidden)`;

/** What may be looked at of each lane, when all together look at `most`. */
const shareOf = (most: number, lanes: number): number => Math.max(500, Math.floor(most / Math.max(1, lanes)));

const candidates = (
  { from, where, at, id }: Source,
  { direction }: OrderSql,
  narrow: readonly string[],
  limit: string,
): string =>
  `select ${at} as sort_at, ${id} as sort_id, j.* from ${from} where ${where} and ${all(narrow)}
    order by ${at} ${direction}, ${id} ${direction} limit ${limit}`;

/** How long a page that is not full yet begins another look: a rare match in a long history takes fewer pages. */
const GOES_ON_MS = 100;

export function createJobList(
  { query }: Database,
  lookedAt = LOOKED_AT_A_PAGE,
  goesOnMs = GOES_ON_MS,
): JobList {
  const look: JobList['page'] = async (actor, filter, orderName, page) => {
    const order = ORDERS[orderName];
    const { values, put } = createValues();
    const { lanes, source, narrow } = conditionsOf(actor, filter, order, put);
    if (lanes.length === 0) return { rows: [], hasNextPage: false, end: undefined };
    if (page.after !== undefined) narrow.push(afterPlace(source, order, page.after, put));
    const { direction } = order;
    const mine = lanesIn(lanes, put);
    const narrowing = values.length;
    const residual = residualOf(filter, order, put);
    const share = residual.length === 0 ? page.first + 1 : shareOf(lookedAt, lanes.length);
    const inOrder = `order by s.sort_at ${direction}, s.sort_id ${direction} limit`;
    const found = candidates(source, order, narrow, String(share));
    const rows = await query<JobRow & { sort_at?: Date; sort_id?: string }>(
      `select s.* from ${mine} cross join lateral (
        select j.sort_at, j.sort_id, ${JOB} from (${found}) j
        where ${all(residual)} order by j.sort_at ${direction}, j.sort_id ${direction} limit ${page.first + 1}
      ) s ${inOrder} ${page.first + 1}`,
      values,
    );
    const jobs = rows.map(({ sort_at: _at, sort_id: _id, ...row }) => jobOf(row));
    const full = jobs.length > page.first && lanes.length === 1;
    // Behind the first place at which a lane was left, rows of it may be missing.
    const [left] =
      residual.length === 0 || full
        ? []
        : await query<{ at: Date; id: string }>(
            `select s.sort_at as "at", s.sort_id as "id" from ${mine} cross join lateral (
              select j.sort_at, j.sort_id from (${found}) j
              order by j.sort_at ${direction}, j.sort_id ${direction} offset ${share - 1}
            ) s ${inOrder} 1`,
            values.slice(0, narrowing),
          );
    const known =
      left === undefined
        ? jobs
        : jobs.filter((job) => isBefore(order, placeOf(orderName, job), [left.at, left.id]));
    const shown = known.slice(0, page.first);
    const last = shown.at(-1);
    if (left !== undefined && known.length <= page.first)
      return { rows: shown, hasNextPage: true, end: [left.at, left.id] };
    return {
      rows: shown,
      hasNextPage: known.length > page.first,
      end: last && placeOf(orderName, last),
    };
  };
  return {
    async page(actor, filter, order, page) {
      const until = performance.now() + goesOnMs;
      const rows: Job[] = [];
      for (let after = page.after; ;) {
        const first = page.first - rows.length;
        const found = await look(actor, filter, order, { first, after });
        rows.push(...found.rows);
        const { hasNextPage, end } = found;
        if (rows.length === page.first || !hasNextPage || end === undefined || performance.now() >= until)
          return { rows, hasNextPage, end };
        after = [end[0].toISOString(), end[1]];
      }
    },
    async counts(actor, filter, by) {
      const { values, put } = createValues();
      const order = filter.dead === true ? ORDERS.LAST_ENDED : ORDERS.NEWEST;
      const { lanes, source, narrow } = conditionsOf(actor, filter, order, put);
      if (lanes.length === 0) return { groups: [], counted: 0, complete: true };
      const residual = residualOf(filter, order, put);
      const share = shareOf(LOOKED_AT_A_SUMMARY, lanes.length);
      const rows = await query<{ key: string; lane: string; hits: number; looked: number }>(
        `select ${GROUPS[by]} as key, ${LANE} as lane,
            count(*) filter (where ${all(residual)}) as hits, count(*) as looked
          from ${lanesIn(lanes, put)}
          cross join lateral (${candidates(source, order, narrow, String(share))}) j group by 1, 2`,
        values,
      );
      const groups = [...Map.groupBy(rows, (row) => row.key)]
        .map(([key, parts]) => ({ key, count: sum(parts.map((part) => part.hits)) }))
        .filter((group) => group.count > 0)
        .sort((a, b) => (by === 'DAY' ? b.key.localeCompare(a.key) : b.count - a.count));
      const looked = [...Map.groupBy(rows, (row) => row.lane).values()];
      return {
        groups: groups.slice(0, MAX_GROUPS),
        counted: sum(groups.map((group) => group.count)),
        complete:
          groups.length <= MAX_GROUPS &&
          looked.every((parts) => sum(parts.map((part) => part.looked)) < share),
      };
    },
    async durations(actor, filter) {
      const { values, put } = createValues();
      const { lanes, source, narrow } = conditionsOf(actor, filter, ORDERS.NEWEST, put);
      if (lanes.length === 0) return { queue: undefined, run: undefined, complete: true };
      const residual = residualOf(filter, ORDERS.NEWEST, put);
      const share = shareOf(LOOKED_AT_A_SUMMARY, lanes.length);
      const summary = (name: string): string =>
        `count(${name}) as "${name}Jobs", max(${name}) as "${name}Max",
          percentile_cont(array[0.5, 0.95]) within group (order by ${name}) as "${name}Parts"`;
      const [row] = await query(
        `with looked as (
            select ${LANE} as lane, ${all(residual)} as hit, ${seconds('started_at', 'submitted_at')} as queue,
              ${seconds('ended_at', 'started_at')} as run
            from ${lanesIn(lanes, put)}
            cross join lateral (${candidates(source, ORDERS.NEWEST, narrow, String(share))}) j)
          select ${summary('queue')}, ${summary('run')},
            (select coalesce(max(n), 0) from (select count(*) as n from looked group by lane) o) as most
          from looked where hit`,
        values,
      );
      return {
        queue: summaryOf(row, 'queue'),
        run: summaryOf(row, 'run'),
        complete: Number(row?.['most'] ?? 0) < share,
      };
    },
  };
}

const seconds = (to: string, from: string): string => `extract(epoch from j.${to} - j.${from})::float8`;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

function afterPlace(
  { at, id }: Source,
  { direction }: OrderSql,
  after: readonly (string | number)[],
  put: (value: unknown) => string,
): string {
  const sign = direction === 'desc' ? '<' : '>';
  return `(${at}, ${id}) ${sign} (${put(after[0])}::timestamptz, ${put(after[1])}::uuid)`;
}

/** At the place itself, too: that row was looked at. */
function isBefore({ direction }: OrderSql, place: JobPlace, left: JobPlace): boolean {
  const [one, other] = [Number(place[0]), Number(left[0])];
  if (one !== other) return direction === 'desc' ? one > other : one < other;
  return direction === 'desc' ? place[1] >= left[1] : place[1] <= left[1];
}

function summaryOf(row: Record<string, unknown> | undefined, name: string): DurationSummary | undefined {
  const parts = row?.[`${name}Parts`];
  if (!Array.isArray(parts)) return undefined;
  return {
    jobs: Number(row?.[`${name}Jobs`]),
    p50Seconds: Number(parts[0]),
    p95Seconds: Number(parts[1]),
    maxSeconds: Number(row?.[`${name}Max`]),
  };
}
