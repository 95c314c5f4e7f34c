import { sqlState, UNIQUE_VIOLATION, type Queryable, type Statement } from '@weft/database';
import type { LoggedAttempt, LogStore } from '../application/ports.js';
import { isUuid } from './ids.js';
import { ATTEMPT_COLUMNS } from './job-store.js';

// `limit 1` makes it look each attempt up, however many the planner takes a recordset for.
const ATTEMPTS: Statement = {
  name: 'log-attempts',
  text: `
    select ${ATTEMPT_COLUMNS}, (
        select coalesce(max(l.number), 0) from log_line l where l.job_id = a.job_id and l.attempt = a.number
      ) as stored
    from json_to_recordset($1::json) as asked (job_id uuid, number int)
    cross join lateral (
      select * from known_attempt k where k.job_id = asked.job_id and k.number = asked.number limit 1
    ) a`,
};

// The row of the job is locked until the commit and counts the lines, so positions are given in the order of commits: a reader
// that has seen one position has seen all before it. Jobs are locked in one order, so that two batches never wait for each other.
const APPEND: Statement = {
  name: 'logs-append',
  text: `
    with told as (
      select * from json_to_recordset($1::json) as line (job_id uuid, attempt int, number int, stream text, at timestamptz, text text)
    ), fresh as (
      select told.*, row_number() over (partition by told.job_id order by told.attempt, told.number) as rank from told
      where (
        select l.number from log_line l
        where l.job_id = told.job_id and l.attempt = told.attempt and l.number = told.number limit 1
      ) is null
    ), locked as materialized (
      select id from known_job where id = any(array(select job_id from fresh)) order by id for update
    ), counted as (
      update known_job j set log_lines = j.log_lines + more.lines
      from (select job_id, count(*) as lines from fresh group by job_id) more, locked
      where j.id = more.job_id and locked.id = j.id
      returning j.id, j.log_lines - more.lines as before
    )
    insert into log_line (job_id, position, attempt, number, stream, at, text)
    select fresh.job_id, counted.before + fresh.rank, fresh.attempt, fresh.number, fresh.stream, fresh.at, fresh.text
    from fresh join counted on counted.id = fresh.job_id`,
};

const COMPLETE: Statement = {
  name: 'logs-complete',
  text: `
    update known_attempt a set log_complete = true, wall_ms = coalesce(told.wall_ms, a.wall_ms),
      cpu_ms = coalesce(told.cpu_ms, a.cpu_ms), peak_memory_bytes = coalesce(told.peak_memory_bytes, a.peak_memory_bytes),
      exit_code = coalesce(told.exit_code, a.exit_code)
    from json_to_recordset($1::json) as told (
      job_id uuid, number int, wall_ms bigint, cpu_ms bigint, peak_memory_bytes bigint, exit_code int)
    where a.job_id = told.job_id and a.number = told.number`,
};

/** Each statement is a transaction of its own. */
export const logStore = (database: Queryable): LogStore => ({
  async attempts(keys) {
    const asked = keys.filter(({ jobId }) => isUuid(jobId));
    return database.query<LoggedAttempt>(ATTEMPTS, [
      JSON.stringify(asked.map(({ jobId, number }) => ({ job_id: jobId, number }))),
    ]);
  },
  async append(attempts) {
    const lines = attempts.flatMap(({ jobId, number: attempt, lines: told }) =>
      told.map(({ number, stream, at, text }) => ({
        job_id: jobId,
        attempt,
        number,
        stream,
        at,
        text: storable(text),
      })),
    );
    const append = () => database.query(APPEND, [JSON.stringify(lines)]);
    // The same lines told twice at once: the second statement did not see those of the first, and does so now.
    await append().catch((error: unknown) => {
      if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
      return append();
    });
  },
  async complete(ends) {
    const told = ends.map(({ jobId, number, usage }) => ({
      job_id: jobId,
      number,
      wall_ms: usage?.wallMs,
      cpu_ms: usage?.cpuMs,
      peak_memory_bytes: usage?.peakMemoryBytes,
      exit_code: usage?.exitCode,
    }));
    await database.query(COMPLETE, [JSON.stringify(told)]);
  },
});

/** PostgreSQL stores neither NUL nor halves of surrogate pairs. */
const storable = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed();
