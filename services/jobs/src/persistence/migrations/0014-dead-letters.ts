import type { MigrationInterface, QueryRunner } from 'typeorm';
import { RECORD_ACTIONS } from '../../domain/job-record.js';

/**
 * Jobs that ended FAILED and that nobody has dealt with, beside the table of all jobs: the list looks at no history, and
 * only the step that fails a job pays for it.
 */
export class DeadLetters1763000000014 implements MigrationInterface {
  readonly name = 'DeadLetters1763000000014';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table dead_job (
        organization_id uuid not null,
        ended_at timestamptz not null,
        job_id uuid not null,
        primary key (organization_id, ended_at, job_id)
      )`);
    await runner.query(`insert into dead_job (organization_id, ended_at, job_id)
      select j.organization_id, j.ended_at, j.id from job j
      where j.failed > 0 and j.state = 'FAILED' and j.cancel_requested_at is null
        and not exists (select from job r where r.retry_of = j.id)
        and not exists (select from job r where r.rerun_of = j.id)`);
    const actions = RECORD_ACTIONS.map((action) => `'${action}'`).join(', ');
    await runner.query(`alter table job_audit drop constraint job_audit_action_check,
      add constraint job_audit_action_check check (action in (${actions}))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table dead_job`);
  }
}
