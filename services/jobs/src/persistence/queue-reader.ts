// What the graph shows of the queue: a job's place in it, and what an organization takes of it. Every count is bounded.
import type { Queryable } from '@weft/database';
import type {
  DefaultLimits,
  QueueLimitStore,
  QueuePlace,
  QueueReader,
  WaitsFor,
} from '../application/queue-ports.js';
import { recordset, recordsIn } from './columns.js';
import { lastRound, LIMITED_TARGETS } from './queue-statements.js';
import { NO_GATE } from './tables.js';
import { UUID } from './job-store.js';
import { ROUND_COLUMNS, ROUNDS } from './write-statements.js';

const MOST_AHEAD = 1_000;
/** Organizations, and jobs of each, that an estimate takes into account. */
const MOST_LANES = 100;
const MOST_OF_LANE = 200;
/** What a replica measured before this long ago tells of a queue that is no more. */
const PACE_SECONDS = 120;

const ahead = (condition: string): string =>
  `(select count(*)::int from (select from queue_entry o where o.target_id = q.target_id and o.ready
      and o.organization_id = q.organization_id and o.gate = q.gate and ${condition} limit ${MOST_AHEAD}) x)`;

const running = (condition: string): string =>
  `(select count(*) from attempt a where a.outcome = 'RUNNING' and ${condition})`;

const ANYWHERE = `a.target_id = any(${LIMITED_TARGETS})`;

const PLACES = {
  name: 'queue-places',
  text: `select q.job_id as "jobId", q.target_id as "targetId", q.organization_id as "organizationId", q.run_at as "queuedFrom",
      case
        when not q.ready then 'TIME'
        when t.status = 'UNAVAILABLE' then 'TARGET_UNAVAILABLE'
        when d."limit" <= ${running(`${ANYWHERE} and a.organization_id = q.organization_id and a.definition_id = q.gate`)} then 'DEFINITION_LIMIT'
        when q.target_id = any(${LIMITED_TARGETS}) and coalesce(l.concurrent_attempts, $2::int) <= ${running(`${ANYWHERE} and a.organization_id = q.organization_id`)} then 'ORGANIZATION_LIMIT'
        when (t.limits ->> 'concurrentAttempts')::int <= ${running('a.target_id = q.target_id')} then 'TARGET_LIMIT'
        else 'TURN' end as "waitsFor",
      case when q.ready then 1 + ${ahead('o.priority > q.priority')}
        + ${ahead('o.priority = q.priority and (o.run_at, o.job_id) < (q.run_at, q.job_id)')} end as "position"
    from queue_entry q
      left join known_target t on t.id = q.target_id
      left join organization_limit l on l.organization_id = q.organization_id
      left join lateral (
        select (v.template ->> 'concurrency')::int as "limit" from job_definition d
        join job_definition_version v on v.definition_id = d.id and v.version = d.version
        where d.id = q.gate and q.gate <> '${NO_GATE}') d on true
    where q.job_id = any($1::uuid[])`,
};

const PACE = {
  name: 'queue-pace',
  text: `with recursive lane as (
      (select p.target_id, q.organization_id from unnest($1::text[]) as p(target_id) cross join lateral (
        select organization_id from queue_entry q where q.target_id = p.target_id and q.ready order by organization_id limit 1) q)
      union all
      select lane.target_id, n.organization_id from lane cross join lateral (
        select q.organization_id from queue_entry q
        where q.target_id = lane.target_id and q.ready and q.organization_id > lane.organization_id
        order by q.organization_id limit 1) n)
    select p.target_id as "targetId", p.pace as "startsPerSecond", coalesce(
      (select jsonb_object_agg(x.organization_id, x.waiting) from (
        select lane.organization_id, (select count(*) from (
          select from queue_entry q where q.target_id = p.target_id and q.ready and q.organization_id = lane.organization_id
          limit ${MOST_OF_LANE}) y) as waiting
        from lane where lane.target_id = p.target_id limit ${MOST_LANES}) x), '{}') as "waiting"
    from (select target_id, sum(starts_per_second) as pace from target_pace
      where target_id = any($1::text[]) and measured_at > now() - interval '${PACE_SECONDS} seconds' group by target_id) p`,
};

const WAITING = {
  name: 'queue-waiting',
  text: `select l."limit", (select count(*)::int from (
        (select from queue_entry q where q.target_id = any(${LIMITED_TARGETS}) and q.ready
          and q.organization_id = $1 limit l."limit" + 1)
        union all
        (select from queue_entry q where q.organization_id = $1 and not q.ready and q.target_id = any(${LIMITED_TARGETS}) limit l."limit" + 1)) x) as waiting
    from (select coalesce((select queued_jobs from organization_limit where organization_id = $1), $2::int) as "limit") l`,
};

const USE = {
  name: 'queue-use',
  text: `select (select concurrent_attempts from organization_limit where organization_id = $1) as "concurrentAttempts",
      ${running(`${ANYWHERE} and a.organization_id = $1`)}::int as "runningAttempts"`,
};

interface PlaceRow {
  readonly jobId: string;
  readonly targetId: string;
  readonly organizationId: string;
  readonly queuedFrom: Date;
  readonly waitsFor: WaitsFor;
  readonly position: number | null;
}

interface UseRow {
  readonly concurrentAttempts: number | null;
  readonly runningAttempts: number;
}

interface PaceRow {
  readonly targetId: string;
  readonly startsPerSecond: number;
  readonly waiting: Readonly<Record<string, number>>;
}

export function createQueueReader(
  database: Queryable & { now(): Date },
  defaults: DefaultLimits,
): QueueReader {
  const waiting: QueueReader['waiting'] = async (organizationId) => {
    const [row] = await database.query<{ waiting: number; limit: number }>(WAITING, [
      organizationId,
      defaults.queuedJobs,
    ]);
    return row ?? { waiting: 0, limit: defaults.queuedJobs };
  };
  return {
    waiting,
    async places(jobIds) {
      const rows = await database.query<PlaceRow>(PLACES, [
        jobIds.filter((id) => UUID.test(id)),
        defaults.concurrentAttempts,
      ]);
      const targets = [...new Set(rows.map((row) => row.targetId))];
      const paces = targets.length === 0 ? [] : await database.query<PaceRow>(PACE, [targets]);
      const now = database.now();
      const places = new Map(
        rows.map((row) => [
          row.jobId,
          placeOf(
            row,
            paces.find((pace) => pace.targetId === row.targetId),
            now,
          ),
        ]),
      );
      return jobIds.map((id) => places.get(id));
    },
    async use(organizationId) {
      const [row] = await database.query<UseRow>(USE, [organizationId]);
      const queued = await waiting(organizationId);
      return {
        concurrentAttempts: row?.concurrentAttempts ?? defaults.concurrentAttempts,
        queuedJobs: queued.limit,
        runningAttempts: row?.runningAttempts ?? 0,
        waitingJobs: queued.waiting,
      };
    },
  };
}

function placeOf(row: PlaceRow, pace: PaceRow | undefined, now: Date): QueuePlace {
  const { jobId, waitsFor, queuedFrom } = row;
  if (row.position === null)
    return { jobId, waitsFor, queuedFrom, position: null, isFurther: false, estimatedStart: queuedFrom };
  const isFurther = row.position > MOST_AHEAD;
  const position = Math.min(row.position, MOST_AHEAD);
  const byTurn = waitsFor === 'TURN' || waitsFor === 'TARGET_LIMIT';
  const estimatedStart = byTurn && !isFurther && pace ? estimate(row, pace, position, now) : null;
  return { jobId, waitsFor, position, isFurther, queuedFrom, estimatedStart };
}

/** Organizations take turns: before its own turn every other one has had as many, as long as it has jobs. */
function estimate(row: PlaceRow, { startsPerSecond, waiting }: PaceRow, position: number, now: Date): Date {
  let before = position;
  for (const [organizationId, count] of Object.entries(waiting))
    if (organizationId !== row.organizationId) before += Math.min(count, position);
  return new Date(now.getTime() + (before / startsPerSecond) * 1_000);
}

export const createQueueLimitStore = (tx: Queryable): QueueLimitStore => ({
  async set(organizationId, { concurrentAttempts, queuedJobs }, setBy) {
    await tx.query(
      `insert into organization_limit (organization_id, concurrent_attempts, queued_jobs, set_by) values ($1, $2, $3, $4)
        on conflict (organization_id) do update set concurrent_attempts = excluded.concurrent_attempts,
          queued_jobs = excluded.queued_jobs, set_by = excluded.set_by, set_at = now()`,
      [organizationId, concurrentAttempts, queuedJobs, setBy],
    );
    await makeRounds(tx);
  },
});

/** A round at every target refuses what a replica gives by what it remembers: it looks again, and sees the limit. */
async function makeRounds(tx: Queryable): Promise<void> {
  const made = new Set<string>();
  for (;;) {
    const next = await tx.query<{ scope: string; round: string }>(
      `select s.scope, ${lastRound('s.scope')} + 1 as "round" from (select 'target ' || id as scope from known_target) s order by s.scope`,
    );
    const rounds = next.filter(({ scope }) => !made.has(scope));
    if (rounds.length === 0) return;
    const given = recordset(rounds);
    // Where somebody claims at this moment the round is theirs: the one after it is made.
    const rows = await tx.query<{ scope: string }>(
      `with ${ROUNDS(recordsIn('$1', '$2', ROUND_COLUMNS))} select scope from rounds`,
      [given?.rows, given?.shared],
    );
    for (const { scope } of rows) made.add(scope);
  }
}

export async function keepPace(
  database: Queryable,
  replica: string,
  targetId: string,
  startsPerSecond: number,
): Promise<void> {
  await database.query(
    `insert into target_pace (target_id, replica, starts_per_second, measured_at) values ($1, $2, $3, now())
      on conflict (target_id, replica) do update set starts_per_second = excluded.starts_per_second, measured_at = now()`,
    [targetId, replica, startsPerSecond],
  );
}
