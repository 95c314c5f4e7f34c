import type { Queryable } from '@weft/database';
import type { DeadlineStore } from '../application/ports.js';
import { behind } from './due-place.js';

export const createDeadlineStore = (tx: Queryable): DeadlineStore => ({
  due: (most, after) =>
    tx.query(
      `select job_id as "jobId", at::text as "at" from job_deadline
        where at <= now() and (at, job_id) > ($2::timestamptz, $3::uuid) order by at, job_id limit $1`,
      [most, ...behind(after)],
    ),
  async drop(jobId) {
    await tx.query('delete from job_deadline where job_id = $1', [jobId]);
  },
  async lookAgain(jobId, at) {
    await tx.query('update job_deadline set at = $2 where job_id = $1', [jobId, at]);
  },
});
