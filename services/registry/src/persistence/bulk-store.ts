import { itemChanged, partsOfBatch, registryBatchRequested } from '@weft/contracts';
import type { Queryable, Tx } from '@weft/database';
import { appendToOutbox, outboxRow } from '@weft/outbox';
import type {
  BulkReader,
  BulkRegistration,
  BulkRow,
  BulkState,
  BulkWork,
  LockedBulkRow,
} from '../application/bulk-ports.js';
import type { SayingRun } from '../application/run-twin.js';
import { maintainersOf } from '../domain/principal.js';
import { isUuid } from './public-id.js';
import type { StoreSurroundings } from './item-store.js';

const INSERT_ROWS = {
  name: 'bulk-insert-rows',
  text: `
    insert into bulk_record (batch, row, label, record, cells, job_id, state, errors)
    select $1, told.row, told.label, told.record, told.cells, told.job_id, told.state, told.errors
    from jsonb_to_recordset($2::jsonb)
      as told (row integer, label text, record jsonb, cells text[], job_id uuid, state text, errors jsonb)`,
};

// Locked first and read then: who waited for the lock must see what the one before it wrote, also in other rows.
const LOCK_ROWS = {
  name: 'bulk-lock-rows',
  text: `
    select r.batch from bulk_record r
    join jsonb_to_recordset($1::jsonb) as asked (batch uuid, row integer) on r.batch = asked.batch and r.row = asked.row
    order by r.batch, r.row
    for update of r`,
};

const READ_ROWS = {
  name: 'bulk-read-rows',
  text: `
    select b.id as "batchId", r.row, b.organization_id as "organizationId", b.created_by as "createdBy", b.principals,
      r.record, r.state, case when r.run is not null then json_build_object('id', n.public_id, 'pid', i.pid) end as run
    from jsonb_to_recordset($1::jsonb) as asked (batch uuid, row integer)
    cross join lateral (select * from bulk_record r where r.batch = asked.batch and r.row = asked.row limit 1) r
    join bulk_registration b on b.id = r.batch
    left join node n on n.id = r.run left join item i on i.node = r.run`,
};

// A workflow whose job ends well when this is there: nothing is left to be heard of it.
const SETTLE = {
  name: 'bulk-settle-rows',
  text: `
    with told as (
      select * from jsonb_to_recordset($1::jsonb)
        as told (batch uuid, row integer, state text, job_id uuid, run bigint, errors jsonb, workflow uuid, user_id uuid)
    ), workflows as (
      insert into activity_workflow (id, node, kind, user_id, activity)
      select workflow, run, 'MODEL_RUN', user_id, run from told where workflow is not null
    ), steps as (
      insert into activity_workflow_step (workflow_id, key, job_id, state)
      select workflow, 'lodge', job_id, 'SUCCEEDED' from told where workflow is not null
    )
    update bulk_record r set state = told.state, job_id = told.job_id, run = told.run, errors = told.errors
    from told where r.batch = told.batch and r.row = told.row`,
};

const TELL = {
  name: 'bulk-tell',
  text: `insert into outbox (id, subject, body)
    select * from unnest($1::text[], $2::text[], $3::jsonb[]) as told (id, subject, body)`,
};

const SAYING = {
  name: 'runs-saying',
  text: `
    select m.hash, m.node as key, n.public_id as id, i.pid, n.readers && $3::uuid[] as "isSeen"
    from model_run m join node n on n.id = m.node join item i on i.node = m.node
    where m.organization_id = $1 and m.hash = any ($2::text[]) and not m.removed`,
};

const CONCERNING = {
  name: 'registry-jobs-concerning',
  text: `
    select told.job_id as id
    from jsonb_to_recordset($1::jsonb) as told (job_id uuid, retry_of uuid, state text)
    where exists (select from activity_workflow_step s
        where s.job_id in (told.job_id, told.retry_of) and (s.state, s.job_id) <> (told.state, told.job_id))
      or exists (select from bulk_record r
        where r.job_id in (told.job_id, told.retry_of) and r.state = 'PENDING' and told.state <> 'SUCCEEDED')`,
};

const ROW_ENDED = {
  name: 'bulk-row-ended',
  text: `update bulk_record set state = $3, job_id = $1, errors = $4::jsonb where job_id in ($1, $2::uuid) and state = 'PENDING'`,
};

/** Rows that one statement carries. */
const ROWS_A_STATEMENT = 1_000;

export const bulkStore = (tx: Tx, { wake }: Pick<StoreSurroundings, 'wake'>): BulkWork => ({
  async takeBulkKey({ organizationId, key }) {
    // Requests with the same key come one after the other.
    await tx.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [
      `bulk-request ${organizationId} ${key}`,
    ]);
    const [row] = await tx.query<{ id: string; inputHash: string }>(
      `select id, input_hash as "inputHash" from bulk_registration where organization_id = $1 and idempotency_key = $2`,
      [organizationId, key],
    );
    return row;
  },
  async insertBulk(head, rows) {
    await tx.query(
      `insert into bulk_registration (id, organization_id, created_by, name, template, principals, header, idempotency_key,
         input_hash, correlation_id)
       values ($1, $2, $3, $4, $5, $6::uuid[], $7::text[], $8, $9, $10)`,
      [
        ...[head.id, head.organizationId, head.createdBy, head.name, head.templateKey, head.principals],
        ...[head.header, head.key?.key ?? null, head.key?.inputHash ?? '', head.correlationId],
      ],
    );
    for (let from = 0; from < rows.length; from += ROWS_A_STATEMENT) {
      const told = rows
        .slice(from, from + ROWS_A_STATEMENT)
        .map(({ jobId, ...row }) => ({ ...row, job_id: jobId }));
      await tx.query(INSERT_ROWS, [head.id, JSON.stringify(told)]);
    }
  },
  async runsSaying(organizationId, hashes, principals) {
    const rows = await tx.query<SayingRun & { hash: string }>(SAYING, [organizationId, hashes, principals]);
    return new Map(rows.map(({ hash, ...run }) => [hash, run]));
  },
  async tellBulk({ id: batchId, organizationId, createdBy, name, correlationId }, jobs) {
    const [clock] = await tx.query<{ now: Date }>({ name: 'now', text: 'select now()' });
    const { now } = clock as { now: Date };
    for (const part of partsOfBatch({ batchId, organizationId, createdBy, name, jobs: [...jobs] }))
      await appendToOutbox(tx, registryBatchRequested, part, now, correlationId);
    tx.afterCommit(wake);
  },
  async lockBulkRows(rows) {
    const asked = rows.filter(
      ({ batchId, row }) => isUuid(batchId) && Number.isInteger(row) && Math.abs(row) < 2 ** 31,
    );
    const text = JSON.stringify(asked.map(({ batchId, row }) => ({ batch: batchId, row })));
    await tx.query(LOCK_ROWS, [text]);
    return tx.query<LockedBulkRow>(READ_ROWS, [text]);
  },
  async concerning(jobs) {
    const told = jobs.map(({ jobId, retryOf, state }) => ({ job_id: jobId, retry_of: retryOf, state }));
    const rows = await tx.query<{ id: string }>(CONCERNING, [JSON.stringify(told)]);
    return new Set(rows.map(({ id }) => id));
  },
  async rowEnded(jobId, retryOf, state, errors) {
    await tx.query(ROW_ENDED, [jobId, retryOf, state, errors.length === 0 ? null : JSON.stringify(errors)]);
  },
  async settleBulkRows(outcomes) {
    const told = outcomes.map(({ batchId, jobId, runKey, workflow, ...outcome }) => ({
      ...{ ...outcome, batch: batchId, job_id: jobId, run: runKey },
      ...{ workflow: workflow?.id, user_id: workflow?.userId },
    }));
    await tx.query(SETTLE, [JSON.stringify(told)]);
  },
  async tellCreated(news) {
    if (news.length === 0) return;
    const rows = news.map(({ item, correlationId }) => {
      const { id, seq, organizationId, pid, subtype, recordType, revision, createdAt } = item;
      const told = { seq, organizationId, pid, subtype, recordType, revision, change: 'CREATED' };
      return outboxRow(itemChanged, { itemId: id, ...told }, createdAt, correlationId);
    });
    await tx.query(TELL, [
      rows.map(({ id }) => id),
      rows.map(({ subject }) => subject),
      rows.map(({ body }) => body),
    ]);
    tx.afterCommit(wake);
  },
});

const BULK = `
  select b.id, b.organization_id as "organizationId", b.created_by as "createdBy", b.name, b.template as "templateKey",
    t.public_id as "templateId", b.header, b.created_at as "createdAt"
  from bulk_registration b join node t on t.id = b.template
  where b.id = $1 and b.organization_id = any ($2::uuid[])`;

// What a row says is what its run says: it is read with the run. A row that made none is read by who wrote it and, unless it
// repeats what a run says already, by who maintains the organization.
const ROWS = `
  select r.row, r.state, r.job_id as "jobId", n.public_id as "runId", i.pid as "runPid", not seen.is_seen as "isHidden",
    case when seen.is_seen then r.label else 'Row ' || r.row end as label,
    case when seen.is_seen then r.errors end as errors, case when seen.is_seen then r.record end as record,
    case when seen.is_seen then r.cells end as cells
  from bulk_record r
  join bulk_registration b on b.id = r.batch
  left join node n on n.id = r.run and n.readers && $2::uuid[]
  left join item i on i.node = n.id
  cross join lateral (select n.id is not null
    or r.state <> 'REGISTERED' and b.created_by = any ($2::uuid[])
    or r.state not in ('REGISTERED', 'DUPLICATE', 'SKIPPED') and b.organization_id = any ($6::uuid[]) as is_seen) seen
  where r.batch = $1 and ($3::integer is null or r.row > $3) and ($4::text[] is null or r.state = any ($4))
  order by r.row limit $5`;

export const bulkReader = (database: Queryable): BulkReader => ({
  async bulk({ organizations }, id) {
    if (!isUuid(id)) return undefined;
    const [found] = await database.query<BulkRegistration>({ name: 'bulk-read', text: BULK }, [
      id,
      organizations,
    ]);
    return found;
  },
  async bulkCounts(id) {
    const rows = await database.query<{ state: BulkState; count: number }>(
      'select state, count(*) from bulk_record where batch = $1 group by state',
      [id],
    );
    return new Map(rows.map(({ state, count }) => [state, count]));
  },
  bulkRows({ principals, organizations }, id, { first, after, states }) {
    const maintained = organizations.filter((one) => principals.includes(maintainersOf(one)));
    return database.query<BulkRow>({ name: 'bulk-rows', text: ROWS }, [
      ...[id, principals, after ?? null, states ?? null, first + 1, maintained],
    ]);
  },
});
