import type { Queryable, Statement, Tx } from '@weft/database';
import type { Retell } from '@weft/outbox';
import type {
  BegunArchive,
  CrateReader,
  CrateSubject,
  CrateWork,
  FoundRun,
  MadeArchive,
} from '../application/crate-ports.js';
import { CRATE_OPERATION, type RequestedArchive } from '../domain/crate-archive.js';
import { identity } from '../domain/statement.js';
import { askForJob, noteEnds, now } from './own-job.js';
import { isUuid, publicId } from './public-id.js';

export const ARCHIVE_COLUMNS = `a.id, a.user_id as "userId", a.organization_id as "organizationId", a.run_job_id as "runJobId",
  a.workflow_id as "workflowId", a.licence, a.job_id as "jobId", a.state, a.requested_at as "requestedAt",
  a.artifact_id as "artifactId", a.file_count as "fileCount", a.missing_count as "missingCount", a.error_code as "errorCode"`;

const RUN: Statement = {
  name: 'crate-run',
  text: `select facts ->> 'jobId' as "jobId", null as "workflowId", name, organization_id as "organizationId" from node
    where public_id = $1 and kind = 'ACTIVITY' and subtype = 'JOB' and revision > 0 and readers && $2::uuid[]`,
};

const WORKFLOW: Statement = {
  name: 'crate-workflow',
  text: `select null as "jobId", $1 as "workflowId", 'workflow ' || $1 as name, organization_id as "organizationId" from node
    where subtype = 'JOB' and facts ->> 'workflowId' = $1 and revision > 0 and readers && $2::uuid[] order by id limit 1`,
};

const MODEL_RUN: Statement = {
  name: 'crate-model-run',
  text: `select public_id as id from node where public_id = $1 and subtype = 'MODEL_RUN' and readers && $2::uuid[]`,
};

interface Asked {
  readonly id: string;
  readonly jobId: string;
  readonly userId: string;
  readonly organizationId: string;
  readonly runName: string;
}

const askForArchive = (tx: Tx, { runName, ...asked }: Asked, at: Date, correlationId: string) =>
  askForJob(
    tx,
    {
      ...asked,
      name: `Crate of ${runName}`,
      key: 'crate',
      operation: CRATE_OPERATION,
      params: { archiveId: asked.id },
    },
    at,
    correlationId,
  );

/** The archives of one transaction. @param wake the outbox has rows. */
export const crateStore = (tx: Tx, wake: () => void): CrateWork => ({
  run: (subject, principals) => findRun(tx, subject, principals),
  async isModelRun(subject, principals) {
    if (!('activityId' in subject) || !isUuid(subject.activityId)) return false;
    return (await tx.query(MODEL_RUN, [subject.activityId, principals])).length > 0;
  },
  async countUnderWay(userId) {
    const [row] = await tx.query<{ count: number }>(
      `select count(*)::int as count from ro_crate_archive where user_id = $1 and state in ('PENDING', 'IN_PROGRESS')`,
      [userId],
    );
    return row?.count ?? 0;
  },
  async keyHolder(organizationId, key) {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [
      `ro-crate ${organizationId} ${key}`,
    ]);
    const [row] = await tx.query<{ id: string; inputHash: string }>(
      `select id, input_hash as "inputHash" from ro_crate_archive where organization_id = $1 and request_key = $2`,
      [organizationId, key],
    );
    return row;
  },
  async request({ id, userId, licence, jobId, run, key }, correlationId) {
    const { organizationId, name: runName } = run;
    await tx.query(
      `insert into ro_crate_archive
         (id, user_id, organization_id, run_job_id, workflow_id, name, licence, request_key, input_hash, job_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        ...[id, userId, organizationId, run.jobId, run.workflowId, runName, licence],
        ...[key?.key ?? null, key?.inputHash ?? null, jobId],
      ],
    );
    await askForArchive(tx, { id, jobId, userId, organizationId, runName }, await now(tx), correlationId);
    tx.afterCommit(wake);
  },
  async begin(archiveId, jobId) {
    if (!isUuid(archiveId)) return undefined;
    await tx.query(
      `update ro_crate_archive set state = 'IN_PROGRESS', job_id = $2, error_code = null where id = $1 and state <> 'SUCCEEDED'`,
      [archiveId, jobId],
    );
    const [row] = await tx.query<BegunArchive>(
      `select ${ARCHIVE_COLUMNS}, a.name from ro_crate_archive a where a.id = $1`,
      [archiveId],
    );
    return row;
  },
  async finish(archiveId, { artifactId, fileCount, missingCount }) {
    await tx.query(
      `update ro_crate_archive set state = 'SUCCEEDED', artifact_id = $2, file_count = $3, missing_count = $4, error_code = null
       where id = $1 and state <> 'SUCCEEDED'`,
      [archiveId, artifactId, fileCount, missingCount],
    );
    const [row] = await tx.query<MadeArchive>(
      `select artifact_id as "artifactId", file_count as "fileCount", missing_count as "missingCount"
       from ro_crate_archive where id = $1`,
      [archiveId],
    );
    return row as MadeArchive;
  },
  ended: (jobs) => noteEnds(tx, 'ro_crate_archive', jobs),
});

async function findRun(
  tx: Tx,
  subject: CrateSubject,
  principals: readonly string[],
): Promise<FoundRun | undefined> {
  const [statement, id] =
    'workflowId' in subject
      ? [WORKFLOW, subject.workflowId.toLowerCase()]
      : [RUN, 'jobId' in subject ? publicId(identity.job(subject.jobId)) : subject.activityId];
  return isUuid(id) ? (await tx.query<FoundRun>(statement, [id, principals]))[0] : undefined;
}

export const crateReader = (database: Queryable): Pick<CrateReader, 'archive'> => ({
  async archive(organizations, id) {
    if (!isUuid(id)) return undefined;
    const [row] = await database.query<RequestedArchive>(
      `select ${ARCHIVE_COLUMNS} from ro_crate_archive a where a.id = $1 and a.organization_id = any ($2::uuid[])`,
      [id, organizations],
    );
    return row;
  },
});

const ARCHIVES_A_PAGE = 50;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** Archives whose job the jobs service may not have heard of, told again to a stream that was lost (ADR 0019). */
export const retellArchives: Retell = async (tx, after) => {
  const rows = await tx.query<Asked>(
    `select id, job_id as "jobId", user_id as "userId", organization_id as "organizationId", name as "runName"
     from ro_crate_archive where state = 'PENDING' and id > $1 order by id limit $2`,
    [after === '' ? BEFORE_ALL : after, ARCHIVES_A_PAGE],
  );
  const at = await now(tx);
  for (const asked of rows) await askForArchive(tx, asked, at, 'stream-rebuilt');
  return rows.length < ARCHIVES_A_PAGE ? undefined : rows.at(-1)?.id;
};
