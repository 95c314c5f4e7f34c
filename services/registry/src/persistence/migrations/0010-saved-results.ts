import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Results that jobs asked to have put into data pools, and what came of that. */
export class SavedResults1700000010000 implements MigrationInterface {
  readonly name = 'SavedResults1700000010000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table saved_result (
        id bigint generated always as identity primary key,
        job_id uuid not null,
        item_index integer not null,
        pool_id uuid not null,
        file_name text not null,
        artifact_id uuid,
        organization_id uuid not null,
        user_id uuid not null,
        principals uuid[] not null,
        correlation_id text not null,
        told_at timestamptz not null default now(),
        state text not null check (state in ('PENDING', 'SAVED', 'REFUSED')),
        file_id uuid references data_pool_file (id),
        error_code text,
        error_message text,
        settled_at timestamptz,
        constraint saved_result_of_item unique (job_id, item_index),
        constraint saved_result_settled check (
          (state = 'PENDING') = (settled_at is null) and (state = 'SAVED') = (file_id is not null)
          and (state = 'REFUSED') = (error_code is not null) and (state = 'REFUSED' or artifact_id is not null))
      )`);
    await runner.query(`create index saved_result_waiting on saved_result (id) where state = 'PENDING'`);
    await runner.query(`create index saved_result_of_pool on saved_result (pool_id, id desc)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table saved_result`);
  }
}
