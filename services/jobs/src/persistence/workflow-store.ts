import type { Queryable } from '@weft/database';
import type { LockedJob } from '../application/ports.js';
import type {
  WorkflowNow,
  WorkflowReader,
  WorkflowStepView,
  WorkflowStore,
} from '../application/workflow-ports.js';
import type { StepOutcome } from '../domain/workflow/result-references.js';
import * as statements from './job-statements.js';
import { UUID, withItems, type LockedRow } from './job-store.js';
import { inputRow } from './job-writes.js';
import { INSERT_INPUT } from './write-statements.js';

/** The job that has the last word at the place of the step `s`. */
const LAST = `job j on j.batch_id = s.workflow_id and j.batch_index = s.index and j.batch_last`;

const NOW = `select b.on_failure as "onFailure", b.cancel_asked_by is not null as cancelling,
    (select json_agg(json_build_object('index', s.index, 'key', s.key, 'needs', s.needs, 'state', j.state, 'jobId', j.id,
        'waits', j.state is not null and j.state = 'PENDING' and j.needs_met is false) order by s.index)
      from workflow_step s left join ${LAST} where s.workflow_id = b.id) as steps
  from batch b where b.id = $1 and b.on_failure is not null`;

/** A result that was carried over lies where it was made. */
const OUTCOMES = `select s.key, j.state, json_agg(json_build_object(
      'result', coalesce(x.result, c.result), 'resultArtifactId', x.result_artifact_id) order by x.index) as items
  from workflow_step s join ${LAST} and j.organization_id = $2
    join job_item x on x.job_id = j.id
    left join job_item c on c.job_id = x.carried_from and c.index = x.index
  where s.workflow_id = $1 and s.index = any($3) group by s.key, j.state`;

export function createWorkflowStore(tx: Queryable): WorkflowStore {
  const locked = async (condition: string, values: readonly unknown[]): Promise<LockedJob[]> =>
    withItems(
      tx,
      await tx.query<LockedRow>(
        `select ${statements.LOCKED_COLUMNS} from job j join job_input i on i.id = j.input_id
          where j.batch_id = $1 and j.batch_index = any($2) and j.batch_last and ${condition}
          order by j.batch_index for update of j`,
        values,
      ),
    );

  return {
    async keepSteps(workflowId, steps) {
      await tx.query(
        `insert into workflow_step (workflow_id, index, key, needs, input_id)
          select $1, v.index, v.key, array(select json_array_elements_text(v.needs)::int), v."inputId"
          from json_to_recordset($2::json) as v(index int, key text, needs json, "inputId" uuid)`,
        [workflowId, JSON.stringify(steps)],
      );
    },
    async news(most) {
      const rows = await tx.query<{ id: string }>(
        `select workflow_id as id from workflow_news group by workflow_id order by min(position) limit $1`,
        [most],
      );
      return rows.map((row) => row.id);
    },
    async tellNews(workflowId) {
      await tx.query(`insert into workflow_news (workflow_id) values ($1)`, [workflowId]);
    },
    async takeNews(workflowId) {
      await tx.query(`delete from workflow_news where workflow_id = $1`, [workflowId]);
    },
    now: async (workflowId) => (await tx.query<WorkflowNow>(NOW, [workflowId]))[0],
    lockWaiting: (workflowId, indexes) =>
      locked(`j.state = 'PENDING' and j.needs_met is false`, [workflowId, indexes]),
    lockEnded: (workflowId, indexes) => locked(`j.ended_at is not null`, [workflowId, indexes]),
    async outcomes(workflowId, organizationId, indexes) {
      const rows = await tx.query<StepOutcome & { readonly key: string }>(OUTCOMES, [
        workflowId,
        organizationId,
        indexes,
      ]);
      return new Map(rows.map(({ key, ...outcome }) => [key, outcome]));
    },
    async keepInput(input) {
      await tx.query(INSERT_INPUT, [JSON.stringify(inputRow(input))]);
    },
  };
}

export function createWorkflowReader(database: Queryable): WorkflowReader {
  return {
    async steps(workflowIds) {
      const rows = await database.query<WorkflowStepView>(
        {
          name: 'workflow-steps',
          text: `select s.workflow_id as "workflowId", s.index, s.key, j.id as "jobId",
              array(select n.key from workflow_step n where n.workflow_id = s.workflow_id and n.index = any(s.needs)
                order by n.index) as needs
            from workflow_step s left join ${LAST} where s.workflow_id = any($1) order by s.workflow_id, s.index`,
        },
        [workflowIds.filter((id) => UUID.test(id))],
      );
      const found = Map.groupBy(rows, (row) => row.workflowId);
      return workflowIds.map((id) => found.get(id) ?? []);
    },
  };
}
