import type { Queryable } from '@weft/database';
import type { DeadlineStore } from '../application/ports.js';

export const createDeadlineStore = (tx: Queryable): DeadlineStore => ({
  async due(most) {
    const rows = await tx.query<{ jobId: string }>(
      'select job_id as "jobId" from job_deadline where at <= now() order by at limit $1',
      [most],
    );
    return rows.map((row) => row.jobId);
  },
  async drop(jobId) {
    await tx.query('delete from job_deadline where job_id = $1', [jobId]);
  },
  async lookAgain(jobId, at) {
    await tx.query('update job_deadline set at = $2 where job_id = $1', [jobId, at]);
  },
});
