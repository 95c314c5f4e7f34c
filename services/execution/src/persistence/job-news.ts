import type { Queryable, Statement } from '@weft/database';
import type { JobNews } from '../application/ports.js';
import { NOBODY } from './tables.js';

// The jobs first, which locks them: who removes one locks it too, so that a job that is gone gets no attempts again, also not
// by news that are under way meanwhile. Rows in one order, so that replicas never wait for each other.
const KEEP: Statement = {
  name: 'keep-jobs',
  text: `
    with jobs as (
      insert into known_job (id, organization_id, state, seq, target_id, service_version_id, input_artifact_ids)
      select * from json_to_recordset($1::json) as told (
        id uuid, organization_id uuid, state text, seq int, target_id text, service_version_id text, input_artifact_ids text[])
      order by id
      on conflict (id) do update set seq = greatest(known_job.seq, excluded.seq),
        state = case when known_job.seq < excluded.seq then excluded.state else known_job.state end
      returning id, organization_id
    )
    insert into known_attempt (job_id, number, seq, fence, worker_id, target_id, outcome, ended_at)
    select told.* from json_to_recordset($2::json) as told (
      job_id uuid, number int, seq int, fence bigint, worker_id text, target_id text, outcome text, ended_at timestamptz)
    join jobs on jobs.id = told.job_id and jobs.organization_id <> '${NOBODY}'
    order by job_id, number
    on conflict (job_id, number) do update
      set seq = excluded.seq, outcome = excluded.outcome, ended_at = excluded.ended_at
      where known_attempt.seq < excluded.seq`,
};

const KEEP_CODE: Statement = {
  name: 'keep-service-code',
  text: `insert into known_service_code (service_version_id, artifact_id, seq) values ($1, $2, $3)
   on conflict (service_version_id) do update set artifact_id = excluded.artifact_id, seq = excluded.seq
   where known_service_code.seq < excluded.seq`,
};

export const jobNews = (database: Queryable): JobNews => ({
  async keep(jobs, attempts) {
    const jobRows = jobs.map((job) => ({
      id: job.id,
      organization_id: job.organizationId,
      state: job.state,
      seq: job.seq,
      target_id: job.targetId,
      service_version_id: job.serviceVersionId,
      input_artifact_ids: job.inputArtifactIds,
    }));
    const attemptRows = attempts.map((attempt) => ({
      job_id: attempt.jobId,
      number: attempt.number,
      seq: attempt.seq,
      fence: attempt.fence,
      worker_id: attempt.workerId,
      target_id: attempt.targetId,
      outcome: attempt.outcome,
      ended_at: attempt.endedAt,
    }));
    await database.query(KEEP, [JSON.stringify(jobRows), JSON.stringify(attemptRows)]);
  },
  async keepServiceCode(serviceVersionId, artifactId, seq) {
    await database.query(KEEP_CODE, [serviceVersionId, artifactId, seq]);
  },
});
