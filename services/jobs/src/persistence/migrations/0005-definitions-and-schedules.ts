import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  CONCURRENCY_POLICIES,
  MISSED_POLICIES,
  PAUSE_REASONS,
  SLOT_OUTCOMES,
} from '../../domain/schedule/schedule.js';

const oneOf = (column: string, values: readonly string[]): string =>
  `check (${column} in (${values.map((value) => `'${value}'`).join(', ')}))`;

export class DefinitionsAndSchedules1763000000005 implements MigrationInterface {
  readonly name = 'DefinitionsAndSchedules1763000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table job_definition (
        id uuid primary key,
        organization_id uuid not null,
        name text not null,
        version int not null check (version > 0),
        created_by text not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        deleted_at timestamptz
      )`);
    await runner.query(
      `create unique index job_definition_name on job_definition (organization_id, name) where deleted_at is null`,
    );
    await runner.query(
      `create index job_definition_of_organization on job_definition (organization_id, created_at desc, id desc)`,
    );
    await runner.query(`
      create table job_definition_version (
        definition_id uuid not null references job_definition (id),
        version int not null check (version > 0),
        name text not null,
        description text not null,
        template json not null,
        data text,
        params text,
        inputs json,
        created_by text not null,
        created_at timestamptz not null,
        primary key (definition_id, version)
      )`);
    await runner.query(
      `create trigger job_definition_version_append_only before update on job_definition_version
        for each row execute function refuse_history_change()`,
    );
    await runner.query(`
      create table schedule (
        id uuid primary key,
        organization_id uuid not null,
        definition_id uuid not null references job_definition (id),
        version int not null,
        cron text not null,
        time_zone text not null,
        inputs json,
        concurrency text not null ${oneOf('concurrency', CONCURRENCY_POLICIES)},
        missed text not null ${oneOf('missed', MISSED_POLICIES)},
        missed_limit int not null,
        starting_deadline_seconds int not null,
        created_by text not null,
        runs_as text not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        paused_at timestamptz,
        pause_reason text ${oneOf('pause_reason', PAUSE_REASONS)},
        decided_until timestamptz not null,
        next_run_at timestamptz,
        check ((paused_at is null) = (next_run_at is not null)),
        check ((paused_at is null) = (pause_reason is null))
      )`);
    await runner.query(`create index schedule_due on schedule (next_run_at) where next_run_at is not null`);
    await runner.query(
      `create index schedule_of_organization on schedule (organization_id, created_at desc, id desc)`,
    );
    await runner.query(
      `create index schedule_of_definition on schedule (definition_id, created_at desc, id desc)`,
    );
    // The unique key is what starts a planned time once, however many schedulers there are.
    await runner.query(`
      create table schedule_slot (
        schedule_id uuid not null references schedule (id) on delete cascade,
        planned_for timestamptz not null,
        manual boolean not null,
        outcome text not null ${oneOf('outcome', SLOT_OUTCOMES)},
        job_id uuid,
        errors json not null,
        times int not null check (times > 0),
        decided_at timestamptz not null,
        ended boolean not null default false,
        primary key (schedule_id, planned_for),
        check ((job_id is not null) = (outcome = 'STARTED'))
      )`);
    await runner.query(`create index schedule_slot_job on schedule_slot (job_id) where job_id is not null`);
    await runner.query(
      `create index schedule_slot_open on schedule_slot (schedule_id) where outcome = 'STARTED' and not ended`,
    );
    await runner.query(
      `alter table job add definition_id uuid, add definition_version int, add planned_for timestamptz`,
    );
    await runner.query(
      `create index job_of_definition on job (definition_id, submitted_at desc, id desc) where definition_id is not null`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table job drop definition_id, drop definition_version, drop planned_for`);
    await runner.query(`drop table schedule_slot, schedule, job_definition_version, job_definition`);
  }
}
