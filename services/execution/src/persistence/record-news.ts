import type { Database } from '@weft/database';
import type { RecordNews } from '../application/hear-job-record.js';

const NOBODY = '00000000-0000-0000-0000-000000000000';

/** What happened to a final job's record, done to all that execution keeps of it; repeating it changes nothing. */
export const recordNews = (database: Database): RecordNews => ({
  organizationOf: async (jobId) =>
    (
      await database.query<{ organizationId: string; seq: number }>(
        'select organization_id as "organizationId", seq from known_job where id = $1',
        [jobId],
      )
    )[0],
  storedContents: (jobId, organizationId) =>
    database.query(
      'select distinct sha256 from artifact where job_id = $1 and organization_id = $2 and sha256 is not null',
      [jobId, organizationId],
    ),
  async give(jobId, organizationId) {
    await database.transaction(async (tx) => {
      await tx.query('update artifact set organization_id = $2 where job_id = $1', [jobId, organizationId]);
      await tx.query('update known_job set organization_id = $2 where id = $1 and organization_id <> $3', [
        jobId,
        organizationId,
        NOBODY,
      ]);
    });
  },
  async remove(jobId) {
    await database.transaction(async (tx) => {
      await tx.query('delete from log_line where job_id = $1', [jobId]);
      // A file that another job takes as input stays: that one shall find it.
      await tx.query(
        `delete from artifact a where a.job_id = $1 and not exists (
          select 1 from known_job j where j.id <> $1 and j.organization_id <> $2
            and cardinality(j.input_artifact_ids) > 0 and j.input_artifact_ids @> array[a.id::text])`,
        [jobId, NOBODY],
      );
      await tx.query('delete from known_attempt where job_id = $1', [jobId]);
      await tx.query(
        `update known_job set organization_id = $2, input_artifact_ids = '{}', log_lines = 0 where id = $1`,
        [jobId, NOBODY],
      );
    });
  },
  async unused(organizationId, sha256s) {
    const rows = await database.query<{ sha256: string }>(
      `select told.sha256 from unnest($2::text[]) as told(sha256)
        where not exists (select 1 from artifact a where a.organization_id = $1 and a.sha256 = told.sha256)`,
      [organizationId, sha256s],
    );
    return rows.map((row) => row.sha256);
  },
});
