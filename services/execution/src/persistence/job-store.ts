import type { Queryable, Statement } from '@weft/database';
import type { JobStore } from '../application/ports.js';
import type { KnownAttempt, KnownJob } from '../domain/attempt.js';
import { isUuid } from './ids.js';

const statement = (name: string, text: string): Statement => ({ name, text });

const KEEP_JOB = statement(
  'keep-job',
  `insert into known_job (id, organization_id, state, seq, target_id, service_version_id, input_artifact_ids)
   values ($1, $2, $3, $4, $5, $6, $7)
   on conflict (id) do update set state = excluded.state, seq = excluded.seq where known_job.seq < excluded.seq`,
);
const KEEP_ATTEMPT = statement(
  'keep-attempt',
  `insert into known_attempt (job_id, number, seq, fence, worker_id, target_id, outcome, ended_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8)
   on conflict (job_id, number) do update set seq = excluded.seq, outcome = excluded.outcome, ended_at = excluded.ended_at
   where known_attempt.seq < excluded.seq`,
);
const KEEP_CODE = statement(
  'keep-service-code',
  `insert into known_service_code (service_version_id, artifact_id, seq) values ($1, $2, $3)
   on conflict (service_version_id) do update set artifact_id = excluded.artifact_id, seq = excluded.seq
   where known_service_code.seq < excluded.seq`,
);

export const JOB_COLUMNS = `j.id, j.organization_id as "organizationId", j.state, j.seq, j.target_id as "targetId",
  j.service_version_id as "serviceVersionId", j.input_artifact_ids as "inputArtifactIds"`;
export const ATTEMPT_COLUMNS = `a.job_id as "jobId", a.number, a.fence, a.worker_id as "workerId", a.target_id as "targetId",
  a.outcome, a.ended_at as "endedAt", a.log_complete as "logComplete"`;

const FIND_JOB = statement('find-job', `select ${JOB_COLUMNS} from known_job j where j.id = $1`);
const FIND_ATTEMPT = statement(
  'find-attempt',
  `select ${ATTEMPT_COLUMNS} from known_attempt a where a.job_id = $1 and a.number = $2`,
);

export const jobStore = (tx: Queryable): JobStore => ({
  async keep(job) {
    await tx.query(KEEP_JOB, [
      job.id,
      job.organizationId,
      job.state,
      job.seq,
      job.targetId,
      job.serviceVersionId,
      job.inputArtifactIds,
    ]);
  },
  async keepAttempt(attempt, seq) {
    const { jobId, number, fence, workerId, targetId, outcome, endedAt } = attempt;
    await tx.query(KEEP_ATTEMPT, [jobId, number, seq, fence, workerId, targetId, outcome, endedAt]);
  },
  async keepServiceCode(serviceVersionId, artifactId, seq) {
    await tx.query(KEEP_CODE, [serviceVersionId, artifactId, seq]);
  },
  async job(id) {
    return isUuid(id) ? (await tx.query<KnownJob>(FIND_JOB, [id]))[0] : undefined;
  },
  async attempt(jobId, number) {
    return isUuid(jobId) ? (await tx.query<KnownAttempt>(FIND_ATTEMPT, [jobId, number]))[0] : undefined;
  },
  async serviceCode(serviceVersionId) {
    const rows = await tx.query<{ id: string }>(
      'select artifact_id as id from known_service_code where service_version_id = $1',
      [serviceVersionId],
    );
    return rows[0]?.id;
  },
});
