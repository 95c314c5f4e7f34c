// Workflows and batches that the jobs service may not have heard of, told again to a stream that was lost (ADR 0019).
import type { Tx } from '@weft/database';
import type { Retell } from '@weft/outbox';
import type { Pids } from './application/pid-ports.js';
import type { BulkHead, NewBulkRow } from './application/bulk-ports.js';
import { jobsOf } from './application/register-model-runs.js';
import type { ActivityWorkflowKind, StepKey } from './domain/activity-workflow.js';
import { bulkStore } from './persistence/bulk-store.js';
import { ITEM_COLUMNS, itemOfRow, type ItemRow } from './persistence/item-rows.js';
import { itemStore } from './persistence/item-store.js';

const WORKFLOWS_A_PAGE = 50;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

interface UnfinishedRow extends ItemRow {
  readonly workflowId: string;
  readonly workflowKind: ActivityWorkflowKind;
  readonly userId: string;
  readonly jobIds: Partial<Record<StepKey, string>>;
}

const UNFINISHED = `
  select w.id as "workflowId", w.kind as "workflowKind", w.user_id as "userId", ${ITEM_COLUMNS},
    (select json_object_agg(s.key, s.job_id) from activity_workflow_step s where s.workflow_id = w.id) as "jobIds"
  from activity_workflow w join item i on i.node = w.node join node n on n.id = w.node
  where w.id > $1 and exists (select from activity_workflow_step s where s.workflow_id = w.id and s.state = 'PENDING')
  order by w.id limit $2`;

/** Who knows a workflow already hears nothing new: its id is the jobs service's. */
const retellWorkflows =
  (pids: Pids): Retell =>
  async (tx: Tx, after) => {
    const rows = await tx.query<UnfinishedRow>(UNFINISHED, [
      after === '' ? BEFORE_ALL : after,
      WORKFLOWS_A_PAGE,
    ]);
    const items = itemStore(tx, { wake: () => undefined, pids });
    for (const { workflowId: id, workflowKind: kind, userId, jobIds, ...row } of rows)
      await items.tellWorkflow(itemOfRow(row), { id, kind, jobIds }, userId, 'stream-rebuilt');
    return rows.length < WORKFLOWS_A_PAGE ? undefined : rows.at(-1)?.workflowId;
  };

interface UnfinishedBatch extends BulkHead {
  readonly rows: readonly Pick<NewBulkRow, 'row' | 'label' | 'jobId' | 'state'>[];
}

/** All of the batch, for it is told again only to who has not heard of it. */
const OPEN_BATCH = `
  select b.id, b.organization_id as "organizationId", b.created_by as "createdBy", b.name, b.template as "templateKey",
    b.principals, b.header, b.correlation_id as "correlationId",
    (select json_agg(json_build_object('row', r.row, 'label', r.label, 'jobId', r.job_id, 'state', 'PENDING') order by r.row)
     from bulk_record r where r.batch = b.id and r.job_id is not null) as rows
  from bulk_registration b
  where b.id > $1 and exists (select from bulk_record r where r.batch = b.id and r.state = 'PENDING')
  order by b.id limit 1`;

/** Registrations of many runs, one at a time. */
const retellBatches: Retell = async (tx, after) => {
  const [open] = await tx.query<UnfinishedBatch>(OPEN_BATCH, [after === '' ? BEFORE_ALL : after]);
  if (open === undefined) return undefined;
  const { rows, ...head } = open;
  await bulkStore(tx, { wake: () => undefined }).tellBulk({ ...head, key: null }, jobsOf(head.id, rows));
  return head.id;
};

const BATCHES = 'batches ';

/** All that jobs of the registry were asked for and have not ended: workflows first, then batches. */
export const retellRegistrations =
  (pids: Pids): Retell =>
  async (tx, after) => {
    if (!after.startsWith(BATCHES)) return (await retellWorkflows(pids)(tx, after)) ?? BATCHES;
    const next = await retellBatches(tx, after.slice(BATCHES.length));
    return next === undefined ? undefined : `${BATCHES}${next}`;
  };
