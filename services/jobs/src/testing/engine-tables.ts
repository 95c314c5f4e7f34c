// The one place where the model's suite touches tables: to begin anew, to let time pass, and to read what is told to others.
import type { JobChanged } from '@weft/contracts';
import type { Engine } from './engine.js';

/** Everything but what is known of other services. */
export async function forgetAll({ database }: Engine): Promise<void> {
  const tables = await database.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'
      and tablename not like 'known\\_%' and tablename not like '%migration%'`,
  );
  await database.query(`truncate ${tables.map((table) => table.name).join(', ')} cascade`);
}

/** The clock jumps: whatever waits for a time is that much nearer to it. */
export async function passTime({ database }: Engine, hours: number): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query(
      `update attempt set lease_until = lease_until - make_interval(hours => $1) where outcome = 'RUNNING'`,
      [hours],
    );
    await tx.query(
      `update job_item set run_at = run_at - make_interval(hours => $1) where state = 'PENDING'`,
      [hours],
    );
    await tx.query(
      `update job set claimable_at = claimable_at - make_interval(hours => $1) where claimable_at is not null`,
      [hours],
    );
  });
}

/** What waits for the relay, in its order. */
export async function untold({ database }: Engine): Promise<JobChanged[]> {
  const rows = await database.query<{ body: { payload: JobChanged } }>(
    `select body from outbox order by position`,
  );
  return rows.map((row) => row.body.payload);
}

export async function refusedReports({ database }: Engine): Promise<number> {
  const [row] = await database.query<{ n: number }>(`select count(*)::int as n from refused_report`);
  return row?.n ?? 0;
}
