import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Results that go into data pools: what a job asks for, and who may put files into which pool. */
export class ResultPools1763000000022 implements MigrationInterface {
  readonly name = 'ResultPools1763000000022';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table job_input add column result_pool jsonb`);
    await runner.query(`
      alter table known_data_pool
        add column data_writers uuid[] not null default '{}',
        add column sealed boolean not null default false,
        add column takes_files boolean not null default true`);
    // Parts of a batch of the registry's that has not come as a whole; those from before begin to age now.
    await runner.query(`alter table registry_batch_part add column at timestamptz not null default now()`);
    // Neither kind of deleted job is passed over on the way to the other.
    await runner.query(`drop index deleted_job_of_organization`);
    await runner.query(`create index deleted_job_of_organization
      on deleted_job (organization_id, (kind = 'REGISTRATION'), deleted_at desc, id desc)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index deleted_job_of_organization`);
    await runner.query(
      `create index deleted_job_of_organization on deleted_job (organization_id, deleted_at desc, id desc)`,
    );
    await runner.query(`alter table registry_batch_part drop column at`);
    await runner.query(
      `alter table known_data_pool drop column takes_files, drop column sealed, drop column data_writers`,
    );
    await runner.query(`alter table job_input drop column result_pool`);
  }
}
