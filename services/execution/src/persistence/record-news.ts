import type { Database } from '@weft/database';
import type { KnownRecord, RecordNews } from '../application/hear-job-record.js';
import { HELD } from './holders.js';
import { NOBODY } from './tables.js';

/** What happened to a final job's record, done to all that execution keeps of it; repeating it changes nothing. */
export const recordNews = (database: Database): RecordNews => ({
  known: async (jobId) =>
    (
      await database.query<KnownRecord>(
        'select nullif(organization_id, $2) as "organizationId", seq, record_revision as revision from known_job where id = $1',
        [jobId, NOBODY],
      )
    )[0],
  storedContents: (jobId, organizationId) =>
    database.query(
      'select distinct sha256 from artifact where job_id = $1 and organization_id = $2 and sha256 is not null',
      [jobId, organizationId],
    ),
  async give(jobId, organizationId, revision) {
    await database.transaction(async (tx) => {
      const given = await tx.query(
        `update known_job set organization_id = $2, record_revision = $3
          where id = $1 and organization_id <> $4 and record_revision <= $3 returning 1`,
        [jobId, organizationId, revision, NOBODY],
      );
      if (given.length === 0) return;
      await tx.query('update artifact set organization_id = $2 where job_id = $1', [jobId, organizationId]);
    });
  },
  async remove(jobId, revision) {
    await database.transaction(async (tx) => {
      // First, since it locks the job against news of attempts that are under way.
      await tx.query(
        `update known_job set organization_id = $2, input_artifact_ids = '{}', log_lines = 0, record_revision = $3 where id = $1`,
        [jobId, NOBODY, revision],
      );
      await tx.query('delete from known_attempt where job_id = $1', [jobId]);
      await tx.query('delete from log_line where job_id = $1', [jobId]);
      // A file that another job takes as input stays, and so does that of a data pool or a dataset: they shall find it.
      await tx.query(`delete from artifact a where a.job_id = $1 and not ${HELD}`, [jobId]);
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
