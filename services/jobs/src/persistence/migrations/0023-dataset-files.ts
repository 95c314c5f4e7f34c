import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files of datasets, as far as jobs take them as input: a small copy fed by events. */
export class DatasetFiles1763000000023 implements MigrationInterface {
  readonly name = 'DatasetFiles1763000000023';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table known_dataset_file (
        id uuid primary key,
        seq int not null,
        organization_id uuid not null,
        artifact_id text not null,
        size bigint not null,
        sha256 text not null,
        held boolean not null,
        data_readers uuid[] not null
      )`);
    await runner.query(
      `create index known_dataset_file_artifact on known_dataset_file (artifact_id) where held`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table known_dataset_file`);
  }
}
