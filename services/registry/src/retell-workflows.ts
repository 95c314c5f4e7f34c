// Workflows that the jobs service may not have heard of, told again to a stream that was lost (ADR 0019).
import type { Tx } from '@weft/database';
import type { Retell } from '@weft/outbox';
import type { Pids } from './application/pid-ports.js';
import type { ActivityWorkflowKind, StepKey } from './domain/activity-workflow.js';
import { ITEM_COLUMNS, itemOfRow, type ItemRow } from './persistence/item-rows.js';
import { itemStore } from './persistence/item-store.js';

const WORKFLOWS_A_PAGE = 50;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

interface UnfinishedRow extends ItemRow {
  readonly workflowId: string;
  readonly workflowKind: ActivityWorkflowKind;
  readonly userId: string;
  readonly jobIds: Record<StepKey, string>;
}

const UNFINISHED = `
  select w.id as "workflowId", w.kind as "workflowKind", w.user_id as "userId", ${ITEM_COLUMNS},
    (select json_object_agg(s.key, s.job_id) from activity_workflow_step s where s.workflow_id = w.id) as "jobIds"
  from activity_workflow w join item i on i.node = w.node join node n on n.id = w.node
  where w.id > $1 and exists (select from activity_workflow_step s where s.workflow_id = w.id and s.state = 'PENDING')
  order by w.id limit $2`;

/** Who knows a workflow already hears nothing new: its id is the jobs service's. */
export const retellWorkflows =
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
