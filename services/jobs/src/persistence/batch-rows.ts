// Batches as they are stored, and as they are now: the folded counts with the steps that are not folded yet.
import { JOB_STATES } from '@weft/contracts';
import type { Batch } from '../domain/batch.js';

export interface BatchRow {
  readonly id: string;
  readonly organizationId: string;
  readonly createdBy: string;
  readonly name: string;
  readonly correlationId: string;
  readonly jobsTotal: number;
  readonly onFailure: Batch['onFailure'];
  readonly hidden: boolean;
  readonly seq: number;
  readonly counts: Batch['counts'];
  readonly submittedAt: Date;
  readonly startedAt: Date | null;
  readonly lastEndedAt: Date | null;
  readonly cancelRequestedAt: Date | null;
  readonly cancelling: boolean;
}

/** `[state, column]`: the counts are columns of their own. */
export const COUNT_COLUMNS = JOB_STATES.map((state) => [state, state.toLowerCase()] as const);

/** What steps change, as columns of the same names. */
export const STEP_SUMS = [
  'count(*)::int as steps',
  ...COUNT_COLUMNS.map(
    ([state, column]) =>
      `(count(*) filter (where to_state = '${state}') - count(*) filter (where from_state = '${state}'))::int as ${column}`,
  ),
  'min(started_at) as started_at',
  'max(ended_at) as last_ended_at',
].join(', ');

/** Of one statement's snapshot, so a fold at the same moment neither hides a step nor counts it twice. */
export const BATCH = `b.id, b.organization_id as "organizationId", b.created_by as "createdBy", b.name,
  b.correlation_id as "correlationId", b.jobs_total as "jobsTotal", b.on_failure as "onFailure", b.hidden, b.seq + t.steps as seq,
  json_build_object(${COUNT_COLUMNS.map(([state, column]) => `'${state}', b.${column} + t.${column}`).join(', ')}) as counts,
  b.submitted_at as "submittedAt", least(b.started_at, t.started_at) as "startedAt",
  greatest(b.last_ended_at, t.last_ended_at) as "lastEndedAt", b.cancel_requested_at as "cancelRequestedAt",
  b.cancel_asked_by is not null as cancelling`;
export const BATCH_NOW = `batch b cross join lateral (select ${STEP_SUMS} from batch_step s where s.batch_id = b.id) t`;

export const batchOf = (row: BatchRow): Batch => row;
