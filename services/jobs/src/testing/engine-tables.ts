// The one place where the model's suite touches tables: to begin anew, to look for rows that disagree, and to read what is
// told to others.
import type { JobChanged } from '@weft/contracts';
import type { CommittedRow } from '@weft/outbox';
import { announceJob } from '../messaging/publishes.js';
import { createRewriteNews } from '../persistence/news-source.js';
import type { Engine } from './engine.js';

/** Everything but what is known of other services. */
export async function forgetAll({ database }: Engine): Promise<void> {
  const tables = await database.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'
      and tablename not like 'known\\_%' and tablename not like '%migration%'`,
  );
  await database.query(`truncate ${tables.map((table) => table.name).join(', ')} cascade`);
}

const HELD = `('DEQUEUED', 'IN_PROGRESS', 'CANCELLING')`;

const DISAGREEMENTS = `
  select 'claimable at another time than its items' as what, j.id from job j
    where j.reference_deadline is null and j.needs_met is not false and j.claimable_at is distinct from
      (select min(x.run_at) from job_item x where x.job_id = j.id and x.state = 'PENDING')
  union all
  select 'waits, and is not in the queue', j.id from job j
    where j.claimable_at is not null and not exists (select from queue_entry q where q.job_id = j.id)
      and not exists (select from batch b where b.id = j.batch_id and b.cancel_asked_by is not null)
  union all
  select 'in the queue, and does not wait', q.job_id from queue_entry q
    left join job j on j.id = q.job_id where j.claimable_at is null
  union all
  select 'under no limit of its definition', q.job_id from queue_entry q join job j on j.id = q.job_id
    where j.gated and q.gate is distinct from j.definition_id
  union all
  select 'in another lane', q.job_id from queue_entry q join job j on j.id = q.job_id
    where (q.target_id, q.organization_id, q.priority) is distinct from (j.target_id, j.organization_id, j.priority)
  union all
  select 'in the queue for another time', q.job_id from queue_entry q join job j on j.id = q.job_id
    where q.run_at < j.claimable_at or not q.ready and q.run_at <> j.claimable_at
  union all
  select 'ready before its time', q.job_id from queue_entry q join job j on j.id = q.job_id
    where q.ready and j.claimable_at > clock_timestamp() + interval '1 second'
  union all
  select 'an item under way that no running attempt holds', x.job_id from job_item x
    where x.state in ${HELD} and not exists (select from attempt a where a.job_id = x.job_id
      and a.number = x.attempt and a.outcome = 'RUNNING' and x.index = any(a.items))
  union all
  select 'a running attempt that holds nothing', a.job_id from attempt a
    where a.outcome = 'RUNNING' and not exists (select from job_item x where x.job_id = a.job_id
      and x.attempt = a.number and x.state in ${HELD} and x.index = any(a.items))
  union all
  select 'a history that runs backwards', e.job_id
    from (select job_id, at < lag(at) over (partition by job_id order by seq) as back from job_event) e where e.back
  union all
  select 'failed, and neither a dead letter nor dealt with', j.id from job j
    where j.state = 'FAILED' and j.cancel_requested_at is null and not exists (select from job r where r.retry_of = j.id)
      and not exists (select from dead_job d where (d.organization_id, d.ended_at, d.job_id) = (j.organization_id, j.ended_at, j.id))
  union all
  select 'a dead letter that is none', d.job_id from dead_job d left join job j on j.id = d.job_id
    where j.id is null or j.state <> 'FAILED' or j.cancel_requested_at is not null
      or exists (select from job r where r.retry_of = j.id)
  union all
  select 'listed on the wrong side', l.job_id from (
      select job_id, hidden from open_job union all select job_id, hidden from ended_job
      union all select job_id, hidden from dead_job) l
    join job j on j.id = l.job_id left join batch b on b.id = j.batch_id
    where l.hidden <> (j.kind = 'REGISTRATION') or l.hidden <> coalesce(b.hidden, l.hidden)
  union all
  select 'a history with gaps', j.id from job j
    where (select array_agg(e.seq order by e.seq) from job_event e where e.job_id = j.id)
      is distinct from array(select generate_series(1, j.seq))`;

/** What must hold between the tables after every commit, and does not. */
export const disagreements = async ({ database }: Engine): Promise<{ what: string; id: string }[]> =>
  database.query({ name: 'disagreements', text: DISAGREEMENTS });

/** The limits of attempts at once that are set, by organization or definition. */
export async function limitsOf({ database }: Engine): Promise<Map<string, number>> {
  const rows = await database.query<{ scope: string; most: number }>(
    `select organization_id::text as scope, concurrent_attempts as most from organization_limit where concurrent_attempts is not null
      union all
      select d.id::text, (v.template ->> 'concurrency')::int from job_definition d
        join job_definition_version v on v.definition_id = d.id and v.version = d.version
        where v.template ->> 'concurrency' is not null`,
  );
  return new Map(rows.map(({ scope, most }) => [scope, most]));
}

/** What waits for the relay, in its order; what lies there by its source as it is written again now. */
export async function outboxOf({ database }: Engine): Promise<CommittedRow[]> {
  const rows = await database.query<CommittedRow & { source: string | null }>(
    `select position, id, subject, body, source from outbox order by position`,
  );
  const sources = rows.flatMap(({ source }) => source ?? []);
  const rewritten = await createRewriteNews(database, announceJob)(sources);
  return rows.flatMap(({ source, ...row }): CommittedRow[] =>
    source === null
      ? [row]
      : (rewritten.get(source) ?? []).map((news) => ({ ...news, position: row.position })),
  );
}

/** Of one job. */
export const newsOf = async (engine: Engine, jobId: string): Promise<JobChanged[]> =>
  (await outboxOf(engine)).map(payloadOf).filter((news) => news.jobId === jobId);

export const payloadOf = ({ body }: CommittedRow): JobChanged =>
  (JSON.parse(body) as { payload: JobChanged }).payload;

export async function refusedReports({ database }: Engine): Promise<number> {
  const [row] = await database.query<{ n: number }>(`select count(*)::int as n from refused_report`);
  return row?.n ?? 0;
}

export interface HandedOver {
  readonly number: number;
  readonly fence: number;
  readonly workerId: string;
  readonly requestId: string;
  readonly items: readonly number[];
}

/** The attempt that came into being with the job: both were written by one statement. */
export async function handedOver({ database }: Engine, jobId: string): Promise<HandedOver | undefined> {
  const [row] = await database.query<HandedOver>(
    `select a.number, a.fence, a.worker_id as "workerId", a.claim_request_id as "requestId", a.items
      from attempt a
      join job_event born on born.job_id = a.job_id and born.seq = 1
      join job_event claimed on claimed.job_id = a.job_id and claimed.seq = 2 and claimed.attempt = a.number
      where a.job_id = $1 and a.number = 1 and born.xmin = claimed.xmin`,
    [jobId],
  );
  return row;
}
