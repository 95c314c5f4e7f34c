import type pg from 'pg';

export const ENDED = 1_000_000;
export const QUEUED = 100_000;
/** One ended job in so many failed; half as many were cancelled. */
const FAILED_EVERY = 500;

/** A history of ended jobs of one organization, and a queue behind it, as their rows would be: without items and steps. */
export async function fill(client: pg.Client, organizationId: string): Promise<void> {
  const insert = (count: number, of: string): Promise<unknown> =>
    client.query(
      `with n as materialized (select n, uuidv7(interval '-60 days' + n * interval '5 s') as id from generate_series(1, ${count}) n)
        insert into job (id, organization_id, created_by, name, kind, service_id, service_version_id, target_id, priority, tags,
          state, reason, seq, items_total, attempts, carried_over, pending, dequeued, in_progress, cancelling, succeeded, failed,
          cancelled, claimable_at, max_attempts, input_id, correlation_id, submitted_at, dequeued_at, started_at, ended_at)
        select id, $1::uuid, 'somebody', 'job ' || n, 'COMMAND', null, null, 'local-process', 0, array['bench'], ${of} from n`,
      [organizationId],
    );
  const at = `now() - interval '60 days' + n * interval '5 s'`;
  const is = (value: number): string => `case when n % ${FAILED_EVERY} = ${value} then 1 else 0 end`;
  await insert(
    ENDED,
    `case n % ${FAILED_EVERY} when 0 then 'FAILED' when 1 then 'CANCELLED' else 'SUCCEEDED' end, null, 4, 1, 1, 0, 0, 0, 0, 0,
      1 - ${is(0)} - ${is(1)}, ${is(0)}, ${is(1)}, null, 1, id, 'bench', ${at}, ${at}, ${at}, ${at} + interval '1 s'`,
  );
  const later = `now() - interval '1 hour' + n * interval '30 ms'`;
  await insert(
    QUEUED,
    `'PENDING', 'QUEUED', 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ${later}, 1, id, 'bench', ${later}, null, null, null`,
  );
  await client.query(`insert into ended_job (organization_id, ended_at, job_id, state)
    select organization_id, ended_at, id, nullif(state, 'SUCCEEDED') from job where ended_at is not null`);
  await client.query(`insert into open_job (organization_id, submitted_at, job_id, several)
    select organization_id, submitted_at, id, false from job where ended_at is null`);
  await client.query(`insert into queue_entry (job_id, target_id, organization_id, priority, run_at, ready)
    select id, target_id, organization_id, priority, claimable_at, true from job where claimable_at is not null`);
  for (const table of ['job', 'ended_job', 'open_job', 'queue_entry'])
    await client.query(`vacuum (analyze) ${table}`);
}
