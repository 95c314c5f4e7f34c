import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a dataset holds: a stored file, a data pool, or a value that its job still has. */
export class DatasetData1700000018000 implements MigrationInterface {
  readonly name = 'DatasetData1700000018000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table item_data (
        node bigint primary key references item (node),
        artifact_id uuid,
        size bigint,
        sha256 text,
        data_pool bigint references data_pool (id),
        job_id uuid,
        item_index integer,
        at timestamptz not null default now(),
        constraint item_data_kind check (num_nonnulls(artifact_id, data_pool, job_id) = 1),
        constraint item_data_file check ((artifact_id is null) = (size is null) and (artifact_id is null) = (sha256 is null)),
        constraint item_data_result check ((job_id is null) = (item_index is null))
      )`);
    await runner.query(
      `create index item_data_artifact on item_data (artifact_id) where artifact_id is not null`,
    );
    await runner.query(`create index item_data_pool on item_data (data_pool) where data_pool is not null`);
    // Other data are another version of the dataset, whoever writes.
    await runner.query(`
      create function keep_item_data() returns trigger language plpgsql as $$
      begin
        raise exception 'the data of a dataset never change' using errcode = 'restrict_violation';
      end $$`);
    await runner.query(`
      create trigger item_data_kept before update or delete on item_data
      for each row when (old.job_id is null) execute function keep_item_data()`);
    await runner.query(`
      alter table activity_workflow_step drop constraint activity_workflow_step_key_check,
        add constraint activity_workflow_step_key_check check (key in ('register', 'lodge', 'store'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`delete from activity_workflow_step where key = 'store'`);
    await runner.query(`
      alter table activity_workflow_step drop constraint activity_workflow_step_key_check,
        add constraint activity_workflow_step_key_check check (key in ('register', 'lodge'))`);
    await runner.query(`drop table item_data`);
    await runner.query(`drop function keep_item_data`);
  }
}
