import type { Queryable } from '@weft/database';
import type { BatchStore, JobChunk, JobPlace, UnfinishedCancel } from '../application/batch-ports.js';
import type { JobFilter } from '../application/job-reader.js';
import type { InputFacts, LockedJob } from '../application/ports.js';
import { BATCH, BATCH_NOW, batchOf, COUNT_COLUMNS, STEP_SUMS, type BatchRow } from './batch-rows.js';
import { selectList, unprefixed } from './columns.js';
import { ITEMS_OF_JOBS } from './job-statements.js';
import { UUID } from './job-store.js';
import { inputRow } from './job-writes.js';
import { itemOf, jobOf } from './rows.js';
import { JobTable, type JobItemRow, type JobRow } from './tables.js';
import { INSERT_INPUT } from './write-statements.js';

const INSERT_BATCH = `insert into batch (id, organization_id, created_by, name, correlation_id, jobs_total, pending, submitted_at)
  values ($1, $2, $3, $4, $5, $6, $6, $7)`;

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

const FACTS = [
  'data_artifact_id',
  'code_artifact_id',
  'data_sha256',
  'params_sha256',
  'data_bytes',
  'params_bytes',
];
const camel = (column: string): string =>
  column.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase());
const LOCKED = `select ${selectList(JobTable, 'j', 'job.')}, ${FACTS.map((column) => `i.${column} as "input.${camel(column)}"`).join(', ')},
  clock_timestamp() as now from job j join job_input i on i.id = j.input_id`;

export function createBatchStore(tx: Queryable): BatchStore {
  const locked = async (text: string, values: readonly unknown[]): Promise<LockedJob[]> => {
    const rows = await tx.query<Record<string, unknown> & { now: Date }>(`${LOCKED} ${text}`, values);
    if (rows.length === 0) return [];
    const items = await tx.query<JobItemRow>(ITEMS_OF_JOBS, [rows.map((row) => row['job.id'])]);
    const byJob = Map.groupBy(items, (item) => item.jobId);
    return rows.map((row) => {
      const job = jobOf(unprefixed<JobRow>(row, 'job.'));
      const input = unprefixed<InputFacts>(row, 'input.');
      return { job, items: (byJob.get(job.id) ?? []).map(itemOf), input, now: row.now };
    });
  };

  return {
    async insert(batch, shared) {
      const { id, organizationId, createdBy, name, correlationId, jobsTotal, submittedAt } = batch;
      const values = [id, organizationId, createdBy, name, correlationId, jobsTotal, submittedAt];
      await tx.query(INSERT_BATCH, values);
      await tx.query(INSERT_INPUT, [JSON.stringify(inputRow(shared))]);
    },
    async lock(batchId) {
      if (!UUID.test(batchId)) return undefined;
      // Locked first: the statement that counts must see what others have committed while this one waited.
      await tx.query(`select 1 from batch where id = $1 for update`, [batchId]);
      const rows = await tx.query<BatchRow>(`select ${BATCH} from ${BATCH_NOW} where b.id = $1`, [batchId]);
      return rows[0] && batchOf(rows[0]);
    },
    async askToCancel(batchId, askedBy) {
      await tx.query(
        `update batch set cancel_requested_at = clock_timestamp(), cancel_asked_by = $2 where id = $1`,
        [batchId, askedBy],
      );
    },
    async cancelReached(batchId) {
      await tx.query(`update batch set cancel_asked_by = null where id = $1`, [batchId]);
    },
    unfinishedCancels: (most) =>
      tx.query<UnfinishedCancel>(
        `select id as "batchId", organization_id as "organizationId", cancel_asked_by as "askedBy"
          from batch where cancel_asked_by is not null and cancel_requested_at < clock_timestamp() - interval '5 seconds' limit $1`,
        [most],
      ),
    lockCancellable(organizationIds, filter, chunk) {
      const { text, values } = chunkOf(organizationIds, filter, chunk);
      return locked(`${text} for update of j skip locked`, values);
    },
    cancellable(organizationIds, filter, chunk) {
      const { text, values } = chunkOf(organizationIds, filter, chunk);
      return tx.query<JobPlace>(`select j.id, j.submitted_at as "submittedAt" from job j ${text}`, values);
    },
    async countCancellable(organizationIds, filter, most) {
      const { conditions, values } = cancellable(organizationIds, filter);
      const [row] = await tx.query<{ jobs: number }>(
        `select count(*) as jobs from (select 1 from job j where ${conditions} limit $${values.push(most)}) found`,
        values,
      );
      return row?.jobs ?? 0;
    },
    lockEnded: (batchId, states, afterIndex, most) =>
      locked(
        `where j.batch_id = $1 and j.batch_last and j.batch_index > $2 and j.state = any($3)
          order by j.batch_index limit $4 for update of j`,
        [batchId, afterIndex, states, most],
      ),
    async fold(mostBatches) {
      await tx.query(FOLD, [mostBatches]);
    },
  };
}

function chunkOf(
  organizationIds: readonly string[],
  filter: JobFilter,
  { after, most }: JobChunk,
): { text: string; values: unknown[] } {
  const { conditions, values } = cancellable(organizationIds, filter);
  const give = (value: unknown): string => `$${values.push(value)}`;
  const place =
    after === undefined ? '' : `and (j.submitted_at, j.id) < (${give(after.submittedAt)}, ${give(after.id)})`;
  const text = `where ${conditions} ${place} order by j.submitted_at desc, j.id desc limit ${give(most)}`;
  return { text, values };
}

/** Only what is asked for is in the text: so the index that serves it is found. */
function cancellable(
  organizationIds: readonly string[],
  filter: JobFilter,
): { conditions: string; values: unknown[] } {
  const values: unknown[] = [organizationIds];
  const conditions = [
    'j.organization_id = any($1)',
    `j.state in ('PENDING', 'DEQUEUED', 'IN_PROGRESS')`,
    'j.cancel_requested_at is null',
  ];
  const add = (value: unknown, condition: (place: string) => string): void => {
    if (value !== undefined) conditions.push(condition(`$${values.push(value)}`));
  };
  // PostgreSQL has no text with a NUL, and takes nothing but a UUID for one: such an id matches nothing.
  const text = (id: string | undefined): string | undefined => id?.replaceAll('\0', '\ufffd');
  add(filter.states?.length === 0 ? undefined : filter.states, (place) => `j.state = any(${place})`);
  add(text(filter.targetId), (place) => `j.target_id = ${place}`);
  add(text(filter.serviceId), (place) => `j.service_id = ${place}`);
  add(text(filter.serviceVersionId), (place) => `j.service_version_id = ${place}`);
  for (const [id, column] of [
    [filter.definitionId, 'definition_id'],
    [filter.batchId, 'batch_id'],
  ] as const) {
    if (id !== undefined && !UUID.test(id)) conditions.push('false');
    else add(id, (place) => `j.${column} = ${place}`);
  }
  add(filter.submittedAfter, (place) => `j.submitted_at >= ${place}`);
  add(filter.submittedBefore, (place) => `j.submitted_at < ${place}`);
  return { conditions: conditions.join(' and '), values };
}
