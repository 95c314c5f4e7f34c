import type { Queryable } from '@weft/database';
import type { LogStore } from '../application/ports.js';

// The row of the job is locked first, so positions are given in the order of commits: a reader that has seen one
// position has seen all before it.
const LOCK = { name: 'log-lock', text: 'select log_lines from known_job where id = $1 for update' };
const APPEND = {
  name: 'log-append',
  text: `
    with told as (
      select * from unnest($3::int[], $4::text[], $5::timestamptz[], $6::text[]) as line(number, stream, at, text)
    ), fresh as (
      select told.*, row_number() over (order by told.number) as rank from told
      where not exists (select 1 from log_line l where l.job_id = $1 and l.attempt = $2 and l.number = told.number)
    ), counted as (
      update known_job set log_lines = log_lines + (select count(*) from fresh) where id = $1
      returning log_lines - (select count(*) from fresh) as before
    )
    insert into log_line (job_id, position, attempt, number, stream, at, text)
    select $1, counted.before + fresh.rank, $2, fresh.number, fresh.stream, fresh.at, fresh.text from fresh, counted`,
};
const HIGHEST = {
  name: 'log-highest',
  text: 'select coalesce(max(number), 0) as number from log_line where job_id = $1 and attempt = $2',
};
const COMPLETE = {
  name: 'log-complete',
  text: `update known_attempt set log_complete = true, wall_ms = coalesce($3, wall_ms), cpu_ms = coalesce($4, cpu_ms),
           peak_memory_bytes = coalesce($5, peak_memory_bytes), exit_code = coalesce($6, exit_code)
         where job_id = $1 and number = $2`,
};

export const logStore = (tx: Queryable): LogStore => ({
  async append(jobId, attempt, lines) {
    if (lines.length > 0) {
      await tx.query(LOCK, [jobId]);
      const columns = [
        lines.map((one) => one.number),
        lines.map((one) => one.stream),
        lines.map((one) => one.at),
        lines.map((one) => storable(one.text)),
      ];
      await tx.query(APPEND, [jobId, attempt, ...columns]);
    }
    return (await tx.query<{ number: number }>(HIGHEST, [jobId, attempt]))[0]?.number ?? 0;
  },
  async complete(jobId, attempt, usage) {
    await tx.query(COMPLETE, [
      jobId,
      attempt,
      usage?.wallMs,
      usage?.cpuMs,
      usage?.peakMemoryBytes,
      usage?.exitCode,
    ]);
  },
});

/** PostgreSQL stores neither NUL nor halves of surrogate pairs. */
const storable = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed();
