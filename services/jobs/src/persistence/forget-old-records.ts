import type { Queryable } from '@weft/database';

/** Removes what nobody can ask for any more: idempotency keys past their 7 days, refused reports past an operator's interest, paces of replicas that are no more. */
export async function forgetOldRecords(database: Queryable): Promise<void> {
  await database.query(`delete from submission_key where created_at < now() - interval '7 days'`);
  await database.query(`delete from refused_report where at < now() - interval '30 days'`);
  await database.query(`delete from target_pace where measured_at < now() - interval '1 hour'`);
}
