import { partsOfBatch, registryBatchRequested } from '@weft/contracts';
import type { Queryable, Tx } from '@weft/database';
import { appendToOutbox } from '@weft/outbox';
import type {
  BulkReader,
  BulkRegistration,
  BulkRow,
  BulkState,
  BulkWork,
  LockedBulkRow,
} from '../application/bulk-ports.js';
import { isUuid } from './public-id.js';
import type { StoreSurroundings } from './item-store.js';

const INSERT_ROWS = {
  name: 'bulk-insert-rows',
  text: `
    insert into bulk_record (batch, row, label, record, cells, job_id, state)
    select $1, told.row, told.label, told.record, told.cells, told.job_id, told.state
    from jsonb_to_recordset($2::jsonb) as told (row integer, label text, record jsonb, cells text[], job_id uuid, state text)`,
};

// The run is read afterwards: who waited for the lock must see what the one before it wrote, also in other rows.
const LOCK_ROW = {
  name: 'bulk-lock-row',
  text: `
    select b.id as "batchId", r.row, b.organization_id as "organizationId", b.created_by as "createdBy", b.principals,
      r.record, r.state, r.run as "runKey"
    from bulk_record r join bulk_registration b on b.id = r.batch
    where r.batch = $1 and r.row = $2
    for update of r`,
};

const RUN = {
  name: 'bulk-run',
  text: 'select n.public_id as id, i.pid from item i join node n on n.id = i.node where i.node = $1',
};

const SETTLE = {
  name: 'bulk-settle-row',
  text: 'update bulk_record set state = $3, job_id = $4, run = $5, errors = $6::jsonb where batch = $1 and row = $2',
};

// Its job ends well when this is there: nothing is left to be heard of it.
const INSERT_LODGED = {
  name: 'bulk-lodged-workflow',
  text: `
    with made as (
      insert into activity_workflow (id, node, kind, user_id, activity) values ($1, $2, 'MODEL_RUN', $3, $2)
    )
    insert into activity_workflow_step (workflow_id, key, job_id, state) values ($1, 'lodge', $4, 'SUCCEEDED')`,
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
  text: `update bulk_record set state = $3, job_id = $1 where job_id in ($1, $2::uuid) and state = 'PENDING'`,
};

const SAYING = {
  name: 'runs-saying',
  text: `select hash, node from model_run where organization_id = $1 and hash = any ($2::text[]) and not removed`,
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
  async runsSaying(organizationId, hashes) {
    const rows = await tx.query<{ hash: string; node: number }>(SAYING, [organizationId, hashes]);
    return new Map(rows.map(({ hash, node }) => [hash, node]));
  },
  async tellBulk({ id: batchId, organizationId, createdBy, name, correlationId }, jobs) {
    const [clock] = await tx.query<{ now: Date }>({ name: 'now', text: 'select now()' });
    const { now } = clock as { now: Date };
    for (const part of partsOfBatch({ batchId, organizationId, createdBy, name, jobs: [...jobs] }))
      await appendToOutbox(tx, registryBatchRequested, part, now, correlationId);
    tx.afterCommit(wake);
  },
  async lockBulkRow(batchId, row) {
    if (!isUuid(batchId) || !Number.isInteger(row) || Math.abs(row) >= 2 ** 31) return undefined;
    const [locked] = await tx.query<Omit<LockedBulkRow, 'run'> & { runKey: number | null }>(LOCK_ROW, [
      batchId,
      row,
    ]);
    if (locked === undefined) return undefined;
    const { runKey, ...found } = locked;
    if (runKey === null) return { ...found, run: null };
    const [run] = await tx.query<{ id: string; pid: string }>(RUN, [runKey]);
    return { ...found, run: run ?? null };
  },
  async concerning(jobs) {
    const told = jobs.map(({ jobId, retryOf, state }) => ({ job_id: jobId, retry_of: retryOf, state }));
    const rows = await tx.query<{ id: string }>(CONCERNING, [JSON.stringify(told)]);
    return new Set(rows.map(({ id }) => id));
  },
  async rowEnded(jobId, retryOf, state) {
    if (state !== 'SUCCEEDED') await tx.query(ROW_ENDED, [jobId, retryOf, state]);
  },
  async insertLodgedWorkflow({ key }, { id, jobId }, userId) {
    await tx.query(INSERT_LODGED, [id, key, userId, jobId]);
  },
  async settleBulkRow(batchId, row, { state, jobId, runKey, errors }) {
    await tx.query(SETTLE, [
      batchId,
      row,
      state,
      jobId,
      runKey,
      errors === null ? null : JSON.stringify(errors),
    ]);
  },
});

const BULK = `
  select b.id, b.organization_id as "organizationId", b.created_by as "createdBy", b.name, b.template as "templateKey",
    t.public_id as "templateId", b.header, b.created_at as "createdAt"
  from bulk_registration b join node t on t.id = b.template
  where b.id = $1 and b.organization_id = any ($2::uuid[])`;

const ROWS = `
  select r.row, r.label, r.state, r.job_id as "jobId", r.errors, r.record, r.cells, n.public_id as "runId", i.pid as "runPid"
  from bulk_record r
  left join node n on n.id = r.run and n.readers && $2::uuid[]
  left join item i on i.node = n.id
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
  bulkRows: ({ principals }, id, { first, after, states }) =>
    database.query<BulkRow>({ name: 'bulk-rows', text: ROWS }, [
      ...[id, principals, after ?? null, states ?? null, first + 1],
    ]),
});
