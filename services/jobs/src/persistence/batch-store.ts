import type { RegistryBatchRequested } from '@weft/contracts';
import type { Queryable } from '@weft/database';
import type { BatchStore, JobChunk, JobPlace, UnfinishedCancel } from '../application/batch-ports.js';
import type { JobFilter } from '../application/job-list.js';
import type { LockedJob } from '../application/ports.js';
import { BATCH, BATCH_NOW, batchOf, COUNT_COLUMNS, STEP_SUMS, type BatchRow } from './batch-rows.js';
import { canMatch, createValues, everyCondition, hiddenOf } from './job-conditions.js';
import { LOCKED_COLUMNS } from './job-statements.js';
import { UUID, withItems, type LockedRow } from './job-store.js';
import { inputRow } from './job-writes.js';
import { LEAVE_QUEUE } from './queue-statements.js';
import { INSERT_INPUT } from './write-statements.js';

const INSERT_BATCH = `insert into batch (id, organization_id, created_by, name, correlation_id, jobs_total, pending, submitted_at, on_failure, hidden)
  values ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9) on conflict (id) do nothing returning id`;

/** A workflow has to be looked at again: looks that came before have left it alone. */
const CANCEL_REACHED = `with reached as (update batch set cancel_asked_by = null where id = $1 returning id, on_failure)
  insert into workflow_news (workflow_id) select id from reached where on_failure is not null`;

/** Whoever finds a batch locked leaves it to the other; what was deleted by the other meanwhile is not counted again. */
const FOLD = `with
  due as (select batch_id as id from batch_step group by batch_id limit $1),
  mine as (select b.id from batch b join due using (id) for update of b skip locked),
  steps as (delete from batch_step s using mine where s.batch_id = mine.id returning s.*),
  sums as (select batch_id, ${STEP_SUMS} from steps group by batch_id)
  update batch set seq = batch.seq + sums.steps,
    ${COUNT_COLUMNS.map(([, column]) => `${column} = batch.${column} + sums.${column}`).join(', ')},
    started_at = least(batch.started_at, sums.started_at),
    last_ended_at = greatest(batch.last_ended_at, sums.last_ended_at)
  from sums where batch.id = sums.batch_id`;

export function createBatchStore(tx: Queryable): BatchStore {
  /** Found and locked first: what belongs to them is looked up for these only, not for all among which they are chosen. */
  const locked = async ({ found, order, values }: Chunk, lock: string): Promise<LockedJob[]> =>
    withItems(
      tx,
      await tx.query<LockedRow>(
        `with found as materialized (select j.* from job j ${found} ${lock})
          select ${LOCKED_COLUMNS} from found j join job_input i on i.id = j.input_id order by ${order}`,
        values,
      ),
    );

  return {
    async insert(batch, shared) {
      const { id, organizationId, createdBy, name, correlationId, jobsTotal, submittedAt, onFailure } = batch;
      const values = [id, organizationId, createdBy, name, correlationId, jobsTotal, submittedAt, onFailure];
      const [inserted] = await tx.query(INSERT_BATCH, [...values, batch.hidden]);
      if (inserted === undefined) return false;
      if (shared !== null) await tx.query(INSERT_INPUT, [JSON.stringify(inputRow(shared))]);
      return true;
    },
    async gather(part) {
      const { batchId } = part;
      // Two who bring the last two parts at once would each miss the other's.
      await tx.query(`select pg_advisory_xact_lock(hashtextextended('registry batch ' || $1, 0))`, [batchId]);
      await tx.query(
        `insert into registry_batch_part (batch_id, index, payload)
          select $1, $2, $3 where not exists (select from batch where id = $1) on conflict do nothing`,
        [batchId, part.part.index, JSON.stringify(part)],
      );
      const rows = await tx.query<{ payload: RegistryBatchRequested }>(
        `with gathered as (
            delete from registry_batch_part where batch_id = $1
              and (select count(*) from registry_batch_part where batch_id = $1) >= $2 returning index, payload)
          select payload from gathered order by index`,
        [batchId, part.part.of],
      );
      return rows.map((row) => row.payload);
    },
    async lock(batchId) {
      if (!UUID.test(batchId)) return undefined;
      // Locked first: the statement that counts must see what others have committed while this one waited.
      await tx.query(`select 1 from batch where id = $1 for update`, [batchId]);
      const rows = await tx.query<BatchRow>(`select ${BATCH} from ${BATCH_NOW} where b.id = $1`, [batchId]);
      return rows[0] && batchOf(rows[0]);
    },
    async askToCancel(batchId, askedBy) {
      // While one request is under way, another one joins it: what the first leaves alone must stay in the queue.
      const [asked] = await tx.query(
        `update batch set cancel_requested_at = clock_timestamp(), cancel_asked_by = $2
          where id = $1 and cancel_asked_by is null returning id`,
        [batchId, askedBy],
      );
      if (asked !== undefined) await tx.query(LEAVE_QUEUE, [batchId]);
    },
    async cancelReached(batchId) {
      await tx.query(CANCEL_REACHED, [batchId]);
    },
    unfinishedCancels: (most) =>
      tx.query<UnfinishedCancel>(
        `select id as "batchId", organization_id as "organizationId", cancel_asked_by as "askedBy"
          from batch where cancel_asked_by is not null and cancel_requested_at < clock_timestamp() - interval '5 seconds' limit $1`,
        [most],
      ),
    lockCancellable: (organizationId, filter, chunk) =>
      locked(chunkOf(organizationId, filter, chunk), 'for update of j skip locked'),
    cancellable(organizationId, filter, chunk) {
      const { found, values } = chunkOf(organizationId, filter, chunk);
      return tx.query<JobPlace>(`select j.id, j.submitted_at as "submittedAt" from job j ${found}`, values);
    },
    async countCancellable(organizationId, filter, most) {
      const { found, values, put } = cancellable(organizationId, filter);
      const [row] = await tx.query<{ jobs: number }>(
        `select count(*) as jobs from (select 1 from job j ${found} limit ${put(most)}) counted`,
        values,
      );
      return row?.jobs ?? 0;
    },
    lockEnded: (batchId, states, afterIndex, most) =>
      locked(
        {
          found: `where j.batch_id = $1 and j.batch_last and j.batch_index > $2 and j.state = any($3)
            order by j.batch_index limit $4`,
          order: 'j.batch_index',
          values: [batchId, afterIndex, states, most],
        },
        'for update',
      ),
    async fold(mostBatches) {
      await tx.query(FOLD, [mostBatches]);
    },
  };
}

/** Which jobs, by the name `j`, and in what order. */
interface Chunk {
  readonly found: string;
  readonly order: string;
  readonly values: readonly unknown[];
}

function chunkOf(organizationId: string, filter: JobFilter, { after, most }: JobChunk): Chunk {
  const { found, at, values, put } = cancellable(organizationId, filter);
  const place =
    after === undefined ? '' : `and (${at}, j.id) < (${put(after.submittedAt)}, ${put(after.id)})`;
  const order = `${at} desc, j.id desc`;
  return {
    found: `${found} ${place} order by ${order} limit ${put(most)}`,
    order: 'j.submitted_at desc, j.id desc',
    values,
  };
}

/** Looks only at what is open, or at one batch. Only what is asked for is in the text: so the index that serves it is found. */
function cancellable(organizationId: string, filter: JobFilter) {
  const { values, put } = createValues();
  const ofBatch = filter.batchId !== undefined;
  const owner = put(organizationId);
  const conditions = [
    ofBatch
      ? `j.organization_id::text = ${owner}::text`
      : `o.organization_id = ${owner}::uuid and ${oneOf('o.hidden', hiddenOf(filter))}`,
    `j.state in ('PENDING', 'DEQUEUED', 'IN_PROGRESS')`,
    'j.cancel_requested_at is null',
    ...(canMatch(filter) ? everyCondition(filter, put) : ['false']),
  ];
  const from = ofBatch ? '' : 'join open_job o on o.job_id = j.id';
  const at = ofBatch ? 'j.submitted_at' : 'o.submitted_at';
  return { found: `${from} where ${conditions.join(' and ')}`, at, values, put };
}

/** One value is written out, so that the planner sees the order of the index behind it. */
const oneOf = (column: string, values: readonly boolean[]): string =>
  values.length === 1 ? `${column} = ${values[0]}` : 'true';
