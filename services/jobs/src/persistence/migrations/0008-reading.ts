import type { MigrationInterface, QueryRunner } from 'typeorm';
import { JOB_ORDERS } from '../../application/job-list.js';
import { RECORD_ACTIONS } from '../../domain/job-record.js';

const quoted = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');

/** Lists by state and order, what people may change of a job after it ran, and the views that they keep. */
export class Reading1763000000008 implements MigrationInterface {
  readonly name = 'Reading1763000000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table job add column description text not null default ''`);
    // Every transition writes a new entry into every index whose condition holds: hence each covers few states. A job
    // passes through one of the first two at a time, and the others concern those that ended badly, or end once.
    const newest = '(organization_id, submitted_at desc, id desc)';
    await runner.query(`create index job_pending on job ${newest} where state = 'PENDING'`);
    await runner.query(
      `create index job_active on job ${newest} where state in ('DEQUEUED', 'IN_PROGRESS', 'CANCELLING')`,
    );
    await runner.query(`create index job_failed on job ${newest} where state = 'FAILED'`);
    await runner.query(`create index job_cancelled on job ${newest} where state = 'CANCELLED'`);
    await runner.query(
      `create index job_queue on job (organization_id, (-priority), id) where state = 'PENDING'`,
    );
    await runner.query(
      `create index job_started on job (organization_id, started_at desc, id desc) where started_at is not null`,
    );
    await runner.query(
      `create index job_ended on job (organization_id, ended_at desc, id desc) where ended_at is not null`,
    );
    // Inputs are shared between a job and its retries: who removes the last of them removes the input.
    await runner.query(`create index job_of_input on job (input_id)`);
    // What a retry carried over stays readable under the id of a predecessor that is gone.
    await runner.query(`alter table job drop constraint job_retry_of_fkey`);
    await runner.query(`
      create table job_audit (
        job_id uuid not null,
        number int not null,
        organization_id uuid not null,
        at timestamptz not null,
        actor_kind text not null,
        actor_id text not null,
        action text not null check (action in (${quoted(RECORD_ACTIONS)})),
        changes jsonb not null,
        primary key (job_id, number)
      )`);
    await runner.query(
      `create trigger job_audit_append_only before update on job_audit for each row execute function refuse_history_change()`,
    );
    await runner.query(`
      create table deleted_job (
        id uuid primary key,
        organization_id uuid not null,
        name text not null,
        kind text not null,
        state text not null,
        created_by text not null,
        retry_of uuid,
        service_version_id text,
        data_sha256 text,
        params_sha256 text,
        submitted_at timestamptz not null,
        ended_at timestamptz not null,
        deleted_at timestamptz not null,
        deleted_by text not null
      )`);
    await runner.query(
      `create index deleted_job_of_organization on deleted_job (organization_id, deleted_at desc, id desc)`,
    );
    await runner.query(`
      create table retention_policy (
        organization_id uuid primary key,
        final_job_days int not null check (final_job_days between 1 and 36500),
        set_by text not null,
        set_at timestamptz not null
      )`);
    await runner.query(`
      create table job_view (
        id uuid primary key,
        organization_id uuid not null,
        owner_id text not null,
        shared boolean not null,
        name text not null,
        filter jsonb not null,
        order_by text not null check (order_by in (${quoted(JOB_ORDERS)})),
        created_at timestamptz not null,
        updated_at timestamptz not null,
        unique (organization_id, owner_id, name)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table job_view, retention_policy, deleted_job, job_audit`);
    await runner.query(
      `drop index job_pending, job_active, job_failed, job_cancelled, job_queue, job_started, job_ended, job_of_input`,
    );
    await runner.query(`alter table job drop column description`);
  }
}
