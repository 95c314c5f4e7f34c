import type { Tx } from '@weft/database';
import { firstHearing } from '@weft/outbox';
import type { ActivityWork, LockedWorkflow } from '../application/activity-ports.js';
import type { RegisteredItem } from '../domain/item.js';
import { isUuid } from './public-id.js';
import { ITEM_COLUMNS, itemOfRow, type ItemRow } from './item-rows.js';
import { itemStore, type StoreSurroundings } from './item-store.js';
import { writeNodes } from './statement-store.js';

// Locked first and read then, so that who waited sees what the one before it wrote.
const LOCK_WORKFLOW = {
  name: 'workflow-lock',
  text: 'select node from activity_workflow where id = $1 for update',
};

const WORKFLOW = {
  name: 'workflow-read',
  text: `select w.id, w.kind, w.user_id as "userId", w.requested_at as "requestedAt",
      (select public_id from node where id = w.activity) as "activityId",
      (select pid from item where node = w.activity) as "activityPid",
      (select public_id from record where public_id = $2) as "recordId",
      (select p.public_id from person_link l join node p on p.id = l.node where l.user_id = w.user_id) as "personId",
      (select before.public_id from item i join node before on before.id = i.previous where i.node = w.node) as "previousId"
    from activity_workflow w where w.id = $1`,
};

const LOCK_ITEM = { name: 'item-lock-by-key', text: 'select from item where node = $1 for update' };

const ITEM = {
  name: 'item-read-by-key',
  text: `select ${ITEM_COLUMNS} from item i join node n on n.id = i.node where i.node = $1`,
};

const GENERATION = {
  name: 'item-generation',
  text: `select from edge e join node by on by.id = e.dst
    where e.src = $1 and e.relation = 'WAS_GENERATED_BY' and by.subtype not in ('CREATE', 'VERSION')`,
};

const LODGE = {
  name: 'record-lodge',
  text: `
    with told as (
      select src.id as src, dst.id as dst, relation, role, detail, src.organization_id
      from jsonb_to_recordset($1::jsonb) as told ("from" uuid, "to" uuid, relation text, role text, detail jsonb)
      cross join lateral (select id, organization_id from node where public_id = told."from" limit 1) src
      cross join lateral (select id from node where public_id = told."to" limit 1) dst
    ), edges as (
      insert into edge (src, dst, relation, role, organization_id)
      select src, dst, relation, role, coalesce(organization_id, $4) from told order by src, dst on conflict do nothing
    ), record as (
      insert into record (public_id, organization_id, kind, item, name, lodged_by, job_id, readers)
      values ($2, $4, $5, (select id from node where public_id = $3), $6, $7, $8, $9::uuid[])
      returning id
    ), nodes as (
      insert into record_node (record, node)
      select record.id, named.node from record, (select src as node from told union select dst from told) named
    )
    insert into record_edge (record, src, dst, relation, role, detail)
    select record.id, src, dst, relation, role, detail from record, told`,
};

/** What the registry's own jobs write, in one transaction. @param idOf the public id of an identity. */
export function activityStore(
  tx: Tx,
  around: StoreSurroundings,
  idOf: (identity: string) => string,
): ActivityWork {
  const items = itemStore(tx, around);
  const lockItem = async (key: number): Promise<RegisteredItem> => {
    await tx.query(LOCK_ITEM, [key]);
    const [row] = await tx.query<ItemRow>(ITEM, [key]);
    return itemOfRow(row as ItemRow);
  };
  return {
    ...items,
    async lockWorkflow(workflowId) {
      if (!isUuid(workflowId)) return undefined;
      const [locked] = await tx.query<{ node: number }>(LOCK_WORKFLOW, [workflowId]);
      if (locked === undefined) return undefined;
      const item = await lockItem(locked.node);
      const [row] = await tx.query<Omit<LockedWorkflow, 'item'>>(WORKFLOW, [
        workflowId,
        idOf(`record/${workflowId}`),
      ]);
      return row === undefined ? undefined : { ...row, item };
    },
    async setActivity(workflowId, { key }, at) {
      const times = JSON.stringify({ startedAt: at.toISOString(), endedAt: at.toISOString() });
      await tx.query('update activity_workflow set activity = $2 where id = $1', [workflowId, key]);
      await tx.query('update node set facts = facts || $2::jsonb where id = $1', [key, times]);
    },
    async stepRuns(workflowId, step, jobId) {
      // A retry has a later id. A worker that was away may come with a try of an earlier job, and takes nothing back.
      const changed = await tx.query(
        `update activity_workflow_step set job_id = $3, state = 'IN_PROGRESS'
         where workflow_id = $1 and key = $2 and (job_id < $3 or job_id = $3 and state = 'PENDING') returning 1 as changed`,
        [workflowId, step, jobId],
      );
      return changed.length === 1;
    },
    async stepEnded(jobId, retryOf, state) {
      const [changed] = await tx.query<{ node: number }>(
        `update activity_workflow_step s set job_id = $1, state = $3
         from activity_workflow w
         where w.id = s.workflow_id and (s.job_id = $1 or s.job_id = $2) and (s.state <> $3 or s.job_id <> $1)
         returning w.node`,
        [jobId, retryOf, state],
      );
      return changed === undefined ? undefined : lockItem(changed.node);
    },
    async lodge({ id, itemId, organizationId, kind, name, lodgedBy, jobId, readers }, nodes, edges) {
      await writeNodes(tx, nodes);
      const values = [
        JSON.stringify(edges),
        id,
        itemId,
        organizationId,
        kind,
        name,
        lodgedBy,
        jobId,
        readers,
      ];
      await tx.query(LODGE, values);
    },
    async isGenerated({ key }) {
      const generations = await tx.query(GENERATION, [key]);
      return generations.length > 0;
    },
    firstHearing: (consumer, messageId) => firstHearing(tx, consumer, messageId),
  };
}
