import {
  jobRecordChanged,
  jobRecordUpdated,
  type EventDefinition,
  type JobRecordChanged,
} from '@weft/contracts';
import type { Queryable } from '@weft/database';
import { outboxRow, type CommittedRow } from '@weft/outbox';
import type { RecordStore } from '../application/record-ports.js';
import type { JobRecord } from '../domain/job-record.js';
import { isHidden } from './hidden-jobs.js';
import { UUID } from './job-store.js';

type LockedRecord = JobRecord & { readonly now: Date };

const RECORD = `j.id, j.organization_id as "organizationId", j.created_by as "createdBy", j.name, j.description, j.priority,
  j.tags, j.kind, j.state, j.seq, j.correlation_id as "correlationId",
  j.batch_id as "batchId", clock_timestamp() as now`;

const NEEDED = `exists (
  select 1 from job r join job_item x on x.job_id = r.id where r.retry_of = j.id and x.carried_from is not null)
  or exists (select 1 from job r where r.retry_of = j.id and r.ended_at is null)
  or j.needs_met and exists (
    select 1 from job w where w.batch_id = j.batch_id and w.needs_met is false and w.state = 'PENDING')`;

/** @param committing takes the outbox rows that go out once the transaction has committed. */
export function createRecordStore(
  tx: Queryable,
  committing: (rows: readonly CommittedRow[]) => void,
): RecordStore {
  const tellOf = async <T>(
    event: EventDefinition<T>,
    payload: T,
    at: Date,
    { correlationId }: JobRecord,
  ): Promise<void> => {
    const row = outboxRow(event, payload, at, correlationId);
    const written = await tx.query<{ position: number }>(
      'insert into outbox (id, subject, body) values ($1, $2, $3) returning position',
      [row.id, row.subject, row.body],
    );
    committing(written.map(({ position }) => ({ ...row, position })));
  };

  const tell = (
    record: JobRecord,
    at: Date,
    told: Pick<JobRecordChanged, 'change' | 'organizationId' | 'revision'>,
  ): Promise<void> => {
    const { id: jobId, organizationId: previousOrganizationId, seq: jobSeq } = record;
    return tellOf(jobRecordChanged, { ...told, jobId, previousOrganizationId, jobSeq }, at, record);
  };

  /** An input goes with the last that has it, and then what it shared with others. */
  const letGoOfInput = async (inputId: string | null | undefined): Promise<void> => {
    for (let id = inputId; id != null;) {
      // Who removes the last two jobs of an input at the same time: the second one sees that the first is gone.
      await tx.query('select from job_input where id = $1 for update', [id]);
      const [removed] = await tx.query<{ sharedId: string | null }>(
        `delete from job_input i where i.id = $1
          and not exists (select from job where id = i.id and input_id = i.id)
          and not exists (select from job where input_id = i.id and input_id <> id)
          and not exists (select from job_input o where o.shared_id = i.id)
          and not exists (select from workflow_step w where w.input_id = i.id)
        returning i.shared_id as "sharedId"`,
        [id],
      );
      id = removed?.sharedId;
    }
  };

  return {
    async lock(jobId) {
      if (!UUID.test(jobId)) return undefined;
      return (
        await tx.query<LockedRecord>(`select ${RECORD} from job j where j.id = $1 for update`, [jobId])
      )[0];
    },
    async update(record, patch, fields, revision, at) {
      const { id: jobId, organizationId } = record;
      const { name, description, priority, tags } = patch;
      await tx.query(
        `update job set name = coalesce($2, name), description = coalesce($3, description),
          priority = coalesce($4, priority), tags = coalesce($5, tags) where id = $1`,
        [jobId, name, description, priority, tags],
      );
      if (priority !== undefined)
        await tx.query('update queue_entry set priority = $2 where job_id = $1', [jobId, priority]);
      await tellOf(jobRecordUpdated, { jobId, organizationId, revision, fields: [...fields] }, at, record);
    },
    async transfer(record, organizationId, revision, at) {
      await tx.query(
        `with given as (update job set organization_id = $2 where id = $1 returning ended_at, ${isHidden('job')} as hidden),
          dead as (update dead_job d set organization_id = $2 from given
            where d.organization_id = $3 and d.hidden = given.hidden and d.ended_at = given.ended_at and d.job_id = $1)
          update ended_job e set organization_id = $2 from given
          where e.organization_id = $3 and e.hidden = given.hidden and e.ended_at = given.ended_at and e.job_id = $1`,
        [record.id, organizationId, record.organizationId],
      );
      await tell(record, at, { change: 'TRANSFERRED', organizationId, revision });
    },
    async carriedInto(jobId) {
      const [row] = await tx.query<{ id: string }>(
        `select r.id from job r where r.retry_of = $1 and exists (
          select 1 from job_item x where x.job_id = r.id and x.carried_from is not null) limit 1`,
        [jobId],
      );
      return row?.id;
    },
    async delete(record, revision, by, at) {
      await tx.query(
        `insert into deleted_job (id, organization_id, name, kind, state, created_by, retry_of, service_version_id,
            data_sha256, params_sha256, submitted_at, ended_at, deleted_at, deleted_by)
          select j.id, j.organization_id, j.name, j.kind, j.state, j.created_by, j.retry_of, j.service_version_id,
            i.data_sha256, i.params_sha256, j.submitted_at, j.ended_at, $2, $3
          from job j join job_input i on i.id = j.input_id where j.id = $1`,
        [record.id, at, by.id],
      );
      const [gone] = await tx.query<{ inputId: string }>(
        `with gone as (delete from job where id = $1 returning organization_id, ${isHidden('job')} as hidden, ended_at, id, input_id, batch_id, batch_index),
          emptied as (update workflow_step w set input_id = null from gone
            where w.workflow_id = gone.batch_id and w.index = gone.batch_index and not exists (
              select from job o where o.batch_id = w.workflow_id and o.batch_index = w.index and o.id <> gone.id)),
          listed as (delete from ended_job e using gone
            where e.organization_id = gone.organization_id and e.hidden = gone.hidden and e.ended_at = gone.ended_at and e.job_id = gone.id),
          dead as (delete from dead_job d using gone
            where d.organization_id = gone.organization_id and d.hidden = gone.hidden and d.ended_at = gone.ended_at and d.job_id = gone.id)
          select input_id as "inputId" from gone`,
        [record.id],
      );
      await letGoOfInput(gone?.inputId);
      await tell(record, at, { change: 'DELETED', organizationId: record.organizationId, revision });
    },
    async audit({ id, organizationId }, { action, changes, actor, at }) {
      const [row] = await tx.query<{ number: number }>(
        `with revised as (update job set record_revision = record_revision + 1 where id = $1 returning record_revision)
          insert into job_audit (job_id, number, organization_id, at, actor_kind, actor_id, action, changes)
          select $1, record_revision, $2, $3, $4, $5, $6, $7::jsonb from revised returning number`,
        [id, organizationId, at, actor.kind, actor.id, action, JSON.stringify(changes)],
      );
      return (row as { number: number }).number;
    },
    async setRetention(organizationId, days, by) {
      await tx.query(
        days === null
          ? 'delete from retention_policy where organization_id = $1'
          : `insert into retention_policy (organization_id, final_job_days, set_by, set_at) values ($1, $2, $3, now())
              on conflict (organization_id) do update set final_job_days = $2, set_by = $3, set_at = now()`,
        days === null ? [organizationId] : [organizationId, days, by],
      );
    },
    async lockOutlived(most) {
      return tx.query<LockedRecord>(
        `select ${RECORD} from retention_policy p cross join (values (false), (true)) as kept(hidden) cross join lateral (
            select e.job_id as id from ended_job e join job j on j.id = e.job_id
            where e.organization_id = p.organization_id and e.hidden = kept.hidden
              and e.ended_at < now() - make_interval(days => p.final_job_days) and not (${NEEDED})
            order by e.ended_at, e.job_id limit $1) old
          join job j on j.id = old.id limit $1 for update of j skip locked`,
        [most],
      );
    },
  };
}
