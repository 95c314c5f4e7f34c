import type { Queryable, Statement } from '@weft/database';
import type { JobStore } from '../application/ports.js';
import type { KnownAttempt, KnownJob } from '../domain/attempt.js';
import { isUuid } from './ids.js';

const statement = (name: string, text: string): Statement => ({ name, text });

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
