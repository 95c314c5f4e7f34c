import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Data pools and their files, as far as jobs take them as input: small copies fed by events. */
export class DataPools1763000000020 implements MigrationInterface {
  readonly name = 'DataPools1763000000020';

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
        name text collate "C" not null,
        version int not null,
        artifact_id text not null,
        size bigint not null,
        sha256 text not null,
        removed boolean not null
      )`);
    await runner.query(
      `create index known_data_pool_file_name on known_data_pool_file (pool_id, name, version desc) where not removed`,
    );
    await runner.query(
      `create index known_data_pool_file_artifact on known_data_pool_file (artifact_id) where not removed`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table known_data_pool_file, known_data_pool`);
  }
}
