// Jobs of the registry that make one thing: asked for, and what came of those that gave nothing.
import { activityWorkflowRequested } from '@weft/contracts';
import type { Tx } from '@weft/database';
import { appendToOutbox } from '@weft/outbox';
import type { UnsuccessfulJob } from '../application/report-ports.js';
import { shortened } from '../domain/text-rules.js';

export interface OneJob {
  /** Of what is made. */
  readonly id: string;
  readonly jobId: string;
  readonly userId: string;
  readonly organizationId: string;
  readonly name: string;
  /** Of its step. */
  readonly key: string;
  readonly operation: string;
  readonly params: Readonly<Record<string, string>>;
}

/** One job, as a workflow of one step under the id of what it makes: told twice, it is there once. */
export async function askForJob(tx: Tx, asked: OneJob, at: Date, correlationId: string): Promise<void> {
  const { id: workflowId, organizationId, userId: createdBy, jobId, key, operation, params } = asked;
  const name = shortened(asked.name);
  const step = { jobId, key, name, needs: [], operation, params };
  const request = { workflowId, organizationId, createdBy, name, steps: [step] };
  await appendToOutbox(tx, activityWorkflowRequested, request, at, correlationId);
}

export const now = async (tx: Tx): Promise<Date> =>
  ((await tx.query<{ now: Date }>({ name: 'now', text: 'select now()' })) as [{ now: Date }])[0].now;

/** Notes how jobs ended that gave nothing. What has its files stays so, whatever becomes of its job afterwards. */
export async function noteEnds(
  tx: Tx,
  table: 'report' | 'ro_crate_archive',
  jobs: readonly UnsuccessfulJob[],
): Promise<void> {
  await tx.query(
    `update ${table} as made set job_id = told.id, state = told.state, error_code = told.error
     from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) as told (id, retry_of, state, error)
     where (made.job_id = told.id or made.job_id = told.retry_of) and made.state <> 'SUCCEEDED'`,
    [
      jobs.map(({ jobId }) => jobId),
      jobs.map(({ retryOf }) => retryOf),
      jobs.map(({ state }) => state),
      jobs.map(({ errorCode }) => errorCode),
    ],
  );
}
