import type { MigrationInterface, QueryRunner } from 'typeorm';
import { JOB_ORDERS } from '../../application/job-list.js';
import { RECORD_ACTIONS } from '../../domain/job-record.js';

const quoted = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');

/** Lists by state and order, what people may change of a job after it ran, and the views that they keep. */
export class Reading1763000000008 implements MigrationInterface {
  readonly name = 'Reading1763000000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table job add column description text not null default ''`);
    // A row is written three times in its life: with room for that in its page, no step needs a new index entry.
    await runner.query(`alter table job set (fillfactor = 50)`);
    // A change of the record is no step of the lifecycle, yet what was computed before it must not be written after it.
    await runner.query(`alter table job add column record_revision int not null default 0`);
    // An update that changes an indexed column writes an entry into every index of the row: hence no index of a job has
    // what a step of a plain job changes. Which jobs are open, and when the others ended, is beside them.
    const newest = '(organization_id, submitted_at desc, id desc)';
    await runner.query(`
      create table open_job (
        organization_id uuid not null,
        submitted_at timestamptz not null,
        job_id uuid not null,
        several boolean not null,
        primary key (organization_id, submitted_at, job_id)
      ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)`);
    await runner.query(`create index open_job_several on open_job (organization_id) where several`);
    await runner.query(`insert into open_job (organization_id, submitted_at, job_id, several)
      select organization_id, submitted_at, id, items_total > 1 from job where ended_at is null`);
    await runner.query(`
      create table ended_job (
        organization_id uuid not null,
        ended_at timestamptz not null,
        job_id uuid not null,
        primary key (organization_id, ended_at, job_id)
      )`);
    await runner.query(`insert into ended_job (organization_id, ended_at, job_id)
      select organization_id, ended_at, id from job where ended_at is not null`);
    await runner.query(`create index job_failed on job ${newest} where failed > 0`);
    await runner.query(`create index job_cancelled on job ${newest} where cancelled > 0`);
    // Of a target there are many jobs: they are found on the way. Of a service there may be few.
    await runner.query(`drop index job_of_target`);
    await runner.query(`drop index job_of_service`);
    await runner.query(
      `create index job_of_service on job (organization_id, service_id, submitted_at desc, id desc) where service_id is not null`,
    );
    // Inputs are shared between a job and its retries: who removes the last of them removes the input. One that is not
    // shared has the id of its job. The foreign key would look through all jobs for it.
    await runner.query(`alter table job drop constraint job_input_id_fkey`);
    await runner.query(`create index job_of_shared_input on job (input_id) where input_id <> id`);
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
    await runner.query(`drop table open_job, ended_job`);
    await runner.query(`drop index job_failed, job_cancelled, job_of_service, job_of_shared_input`);
    await runner.query(`create index job_of_target on job (target_id, submitted_at desc, id desc)`);
    await runner.query(`create index job_of_service on job (service_id, submitted_at desc, id desc)`);
    await runner.query(`alter table job add foreign key (input_id) references job_input (id)`);
    await runner.query(`alter table job set (fillfactor = 80)`);
    await runner.query(`alter table job drop column description, drop column record_revision`);
  }
}
