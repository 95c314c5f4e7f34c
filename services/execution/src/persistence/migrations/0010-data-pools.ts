import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which stored files are in data pools, and who may read them there: a pool holds its files, whatever becomes of their jobs. */
export class DataPools1763000000010 implements MigrationInterface {
  readonly name = 'DataPools1763000000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table known_data_pool (
        id uuid primary key,
        seq int not null,
        organization_id uuid not null,
        deleted boolean not null,
        data_readers uuid[] not null
      )`);
    await runner.query(`
      create table known_data_pool_file (
        id uuid primary key,
        seq int not null,
        pool_id uuid not null,
        artifact_id uuid not null,
        removed boolean not null
      )`);
    await runner.query(
      `create index known_data_pool_file_artifact on known_data_pool_file (artifact_id) where not removed`,
    );
    await runner.query(
      `create index known_data_pool_file_pool on known_data_pool_file (pool_id) where not removed`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table known_data_pool_file, known_data_pool`);
  }
}
