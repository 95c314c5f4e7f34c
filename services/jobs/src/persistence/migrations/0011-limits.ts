import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Concurrency limits of targets, organizations and definitions, starts that are put off, and deadlines. What runs is
 * counted from the attempts themselves, so that nothing can drift; a round of claims that counts holds only where
 * nobody else claimed in between (claim_round).
 */
export class Limits1763000000011 implements MigrationInterface {
  readonly name = 'Limits1763000000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table job add column start_at timestamptz, add column deadline timestamptz, add column gated boolean not null default false`,
    );
    // Jobs of a definition with a limit stand in a lane of their own: at their limit they are in nobody's way.
    await runner.query(
      `alter table queue_entry add column definition_id uuid,
        add column gate uuid not null default '00000000-0000-0000-0000-000000000000'`,
    );
    await runner.query(
      `update queue_entry q set definition_id = j.definition_id from job j where j.id = q.job_id and j.definition_id is not null`,
    );
    await runner.query(`drop index queue_lane`);
    await runner.query(
      `create index queue_lane on queue_entry (target_id, organization_id, gate, priority desc, run_at, job_id) where ready`,
    );
    await runner.query(`alter table attempt add column organization_id uuid, add column definition_id uuid`);
    await runner.query(
      `update attempt a set organization_id = j.organization_id, definition_id = j.definition_id from job j where j.id = a.job_id`,
    );
    await runner.query(`alter table attempt alter column organization_id set not null`);
    await runner.query(
      `create index attempt_running on attempt (target_id, organization_id, definition_id) where outcome = 'RUNNING'`,
    );
    await runner.query(`
      create table claim_round (
        scope text not null,
        round bigint not null,
        primary key (scope, round)
      ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)`);
    await runner.query(`
      create table organization_limit (
        organization_id uuid primary key,
        concurrent_attempts int check (concurrent_attempts >= 0),
        queued_jobs int check (queued_jobs >= 0),
        set_by text not null,
        set_at timestamptz not null default now()
      )`);
    // What is put off is in no lane, and counts as waiting all the same.
    await runner.query(`create index queue_put_off on queue_entry (organization_id) where not ready`);
    await runner.query(
      `alter table known_target add column status text not null default 'AVAILABLE', add column status_reason text`,
    );
    // How fast a target works off what waits for it, as each replica saw it last: estimates, nothing hangs on them.
    await runner.query(`
      create table target_pace (
        target_id text not null,
        replica uuid not null,
        starts_per_second double precision not null,
        measured_at timestamptz not null,
        primary key (target_id, replica)
      )`);
    await runner.query(`create table job_deadline (job_id uuid primary key, at timestamptz not null)`);
    await runner.query(`create index job_deadline_at on job_deadline (at)`);
    await runner.query(
      `alter table job_definition_version disable trigger job_definition_version_append_only`,
    );
    await runner.query(
      `update job_definition_version set template = ('{"concurrency": null}'::jsonb || template::jsonb)::json`,
    );
    await runner.query(
      `alter table job_definition_version enable trigger job_definition_version_append_only`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index queue_put_off`);
    await runner.query(`alter table known_target drop column status, drop column status_reason`);
    for (const table of ['target_pace', 'job_deadline', 'organization_limit', 'claim_round'])
      await runner.query(`drop table ${table}`);
    await runner.query(`drop index attempt_running`);
    await runner.query(`alter table attempt drop column organization_id, drop column definition_id`);
    await runner.query(`drop index queue_lane`);
    await runner.query(`alter table queue_entry drop column definition_id, drop column gate`);
    await runner.query(
      `create index queue_lane on queue_entry (target_id, organization_id, priority desc, run_at, job_id) where ready`,
    );
    await runner.query(`alter table job drop column start_at, drop column deadline, drop column gated`);
  }
}
