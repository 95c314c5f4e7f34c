import type { Queryable } from '@weft/database';
import { RETOLD_DAYS } from '@weft/outbox';

/** Longer than a stream that was lost can tell again. */
const PARTS_KEPT_DAYS = RETOLD_DAYS + 7;
const BATCHES_AT_ONCE = 100;

/**
 * Removes what nobody can ask for any more: idempotency keys past their 7 days, refused reports past an operator's interest,
 * paces of replicas that are no more, parts of batches of which the others never came.
 */
export async function forgetOldRecords(database: Queryable): Promise<void> {
  await database.query(`delete from submission_key where created_at < now() - interval '7 days'`);
  await database.query(`delete from refused_report where at < now() - interval '30 days'`);
  // A batch of which a part comes this very moment is left to whoever gathers it.
  await database.query(
    `delete from registry_batch_part where batch_id = any(array(
       select batch_id from (
         select batch_id from registry_batch_part group by batch_id
         having max(at) < now() - make_interval(days => $1) limit $2) as old
       where pg_try_advisory_xact_lock(hashtextextended('registry batch ' || batch_id, 0))))`,
    [PARTS_KEPT_DAYS, BATCHES_AT_ONCE],
  );
  await database.query(`delete from target_pace where measured_at < now() - interval '1 hour'`);
}
