import type { Queryable, Tx } from '@weft/database';
import type { Retell } from '@weft/outbox';
import type {
  BegunReport,
  ReportFiles,
  ReportReader,
  ReportSubject,
  ReportWork,
} from '../application/report-ports.js';
import { normalizeReference } from '../domain/item.js';
import { REPORT_OPERATION, type RequestedReport } from '../domain/report.js';
import { askForJob, noteEnds, now } from './own-job.js';
import { isUuid } from './public-id.js';

const REPORT_COLUMNS = `r.id, r.user_id as "userId", r.organization_id as "organizationId", n.public_id as "itemId", r.depth,
  r.formats, r.job_id as "jobId", r.state, r.requested_at as "requestedAt", r.html_artifact_id as "htmlArtifactId",
  r.docx_artifact_id as "docxArtifactId", r.error_code as "errorCode"`;

const SUBJECT = {
  name: 'report-subject',
  text: `select n.id as key, n.public_id as id, n.name, n.subtype from item i join node n on n.id = i.node
    where n.id = coalesce((select id from node where public_id = $1), (select node from item where pid = $2))
      and n.readers && $3::uuid[]`,
};

interface Asked {
  readonly id: string;
  readonly jobId: string;
  readonly userId: string;
  readonly organizationId: string;
  readonly itemName: string;
}

const askForReport = (tx: Tx, { itemName, ...asked }: Asked, at: Date, correlationId: string) =>
  askForJob(
    tx,
    {
      ...asked,
      name: `Report of ${itemName}`,
      key: 'report',
      operation: REPORT_OPERATION,
      params: { reportId: asked.id },
    },
    at,
    correlationId,
  );

/** The reports of one transaction. @param wake the outbox has rows. */
export const reportStore = (tx: Tx, wake: () => void): ReportWork => ({
  async subject(reference, principals) {
    const named = normalizeReference(reference);
    const [id, pid] = isUuid(named) ? [named, null] : [null, named];
    const [row] = await tx.query<ReportSubject>(SUBJECT, [id, pid, principals]);
    return row;
  },
  async requested({ organizationId, key }) {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [
      `report-request ${organizationId} ${key}`,
    ]);
    const [row] = await tx.query<{ reportId: string; inputHash: string }>(
      `select id as "reportId", input_hash as "inputHash" from report where organization_id = $1 and idempotency_key = $2`,
      [organizationId, key],
    );
    return row;
  },
  async countUnderWay(userId) {
    const [row] = await tx.query<{ count: number }>(
      `select count(*)::int as count from report where user_id = $1 and state in ('PENDING', 'IN_PROGRESS')`,
      [userId],
    );
    return row?.count ?? 0;
  },
  async request({ id, subject, userId, organizationId, depth, formats, viewer, jobId, key }, correlationId) {
    const { principals, organizations } = viewer;
    await tx.query(
      `insert into report (id, node, user_id, organization_id, depth, formats, principals, organizations, job_id,
         idempotency_key, input_hash)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        ...[id, subject.key, userId, organizationId, depth, formats, principals, organizations, jobId],
        ...[key?.key ?? null, key?.inputHash ?? null],
      ],
    );
    const asked = { id, jobId, userId, organizationId, itemName: subject.name };
    await askForReport(tx, asked, await now(tx), correlationId);
    tx.afterCommit(wake);
  },
  async begin(reportId, jobId) {
    if (!isUuid(reportId)) return undefined;
    await tx.query(
      `update report set state = 'IN_PROGRESS', job_id = $2, error_code = null where id = $1 and state <> 'SUCCEEDED'`,
      [reportId, jobId],
    );
    const [row] = await tx.query<RequestedReport & BegunReport['viewer'] & { now: Date }>(
      `select ${REPORT_COLUMNS}, r.principals, r.organizations, now() as now
       from report r join node n on n.id = r.node where r.id = $1`,
      [reportId],
    );
    if (row === undefined) return undefined;
    const { principals, organizations, ...report } = row;
    return { ...report, viewer: { principals, organizations } };
  },
  async finish(reportId, { htmlArtifactId, docxArtifactId }) {
    // Nobody reads by these rights any more.
    await tx.query(
      `update report set state = 'SUCCEEDED', html_artifact_id = $2, docx_artifact_id = $3, error_code = null,
         principals = '{}', organizations = '{}'
       where id = $1 and state <> 'SUCCEEDED'`,
      [reportId, htmlArtifactId, docxArtifactId],
    );
    const [row] = await tx.query<ReportFiles>(
      `select html_artifact_id as "htmlArtifactId", docx_artifact_id as "docxArtifactId" from report where id = $1`,
      [reportId],
    );
    return row as ReportFiles;
  },
  ended: (jobs) => noteEnds(tx, 'report', jobs),
});

const VISIBLE = 'r.user_id = $1 and n.readers && $2::uuid[]';

export const reportReader = (database: Queryable): ReportReader => ({
  async report({ principals }, userId, id) {
    if (!isUuid(id)) return undefined;
    const [row] = await database.query<RequestedReport>(
      `select ${REPORT_COLUMNS} from report r join node n on n.id = r.node where ${VISIBLE} and r.id = $3`,
      [userId, principals, id],
    );
    return row;
  },
  async reportsOf({ principals }, userId, keys, { first, after }) {
    const rows = await database.query<RequestedReport & { origin: number }>(
      `select origin.key as origin, listed.* from unnest($3::bigint[]) as origin (key)
       cross join lateral (
         select ${REPORT_COLUMNS} from report r join node n on n.id = r.node
         where r.node = origin.key and ${VISIBLE}
           and ($4::timestamptz is null or (r.requested_at, r.id) < ($4, $5::uuid))
         order by r.requested_at desc, r.id desc limit $6
       ) listed
       order by origin.key, listed."requestedAt" desc, listed.id desc`,
      [userId, principals, keys, after?.at ?? null, after?.id ?? null, first + 1],
    );
    return Map.groupBy(rows, ({ origin }) => origin);
  },
});

const REPORTS_A_PAGE = 50;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** Reports whose job the jobs service may not have heard of, told again to a stream that was lost (ADR 0019). */
export const retellReports: Retell = async (tx, after) => {
  const rows = await tx.query<Asked>(
    `select r.id, r.job_id as "jobId", r.user_id as "userId", r.organization_id as "organizationId", n.name as "itemName"
     from report r join node n on n.id = r.node
     where r.state = 'PENDING' and r.id > $1 order by r.id limit $2`,
    [after === '' ? BEFORE_ALL : after, REPORTS_A_PAGE],
  );
  const at = await now(tx);
  for (const asked of rows) await askForReport(tx, asked, at, 'stream-rebuilt');
  return rows.length < REPORTS_A_PAGE ? undefined : rows.at(-1)?.id;
};
