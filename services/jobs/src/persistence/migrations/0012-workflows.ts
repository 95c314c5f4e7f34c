import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A workflow is a batch whose jobs need each other. What a step needs is kept by place, so that a retry serves the
 * same needs; its input as it was submitted is kept, because each run of it may be given other results.
 */
export class Workflows1763000000012 implements MigrationInterface {
  readonly name = 'Workflows1763000000012';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table batch add column on_failure text check (on_failure in ('STOP', 'CONTINUE'))`,
    );
    // Each list finds its own without passing the other's.
    await runner.query(`drop index batch_of_organization`);
    await runner.query(
      `create index batch_of_organization on batch (organization_id, submitted_at desc, id desc) where on_failure is null`,
    );
    await runner.query(
      `create index workflow_of_organization on batch (organization_id, submitted_at desc, id desc) where on_failure is not null`,
    );
    await runner.query(`alter table job add column needs_met boolean`);
    await runner.query(`
      create table workflow_step (
        workflow_id uuid not null references batch (id) on delete cascade,
        index int not null,
        key text not null,
        needs int[] not null,
        input_id uuid references job_input (id),
        primary key (workflow_id, index),
        unique (workflow_id, key)
      )`);
    await runner.query(
      `create index workflow_step_input on workflow_step (input_id) where input_id is not null`,
    );
    // Written with the end of a step: whoever takes it looks what may go on now.
    await runner.query(`
      create table workflow_news (
        position bigint generated always as identity primary key,
        workflow_id uuid not null
      )`);
    await runner.query(`create index workflow_news_of_workflow on workflow_news (workflow_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table workflow_news, workflow_step`);
    await runner.query(`alter table job drop column needs_met`);
    await runner.query(`alter table batch drop column on_failure`);
    await runner.query(
      `create index batch_of_organization on batch (organization_id, submitted_at desc, id desc)`,
    );
  }
}
