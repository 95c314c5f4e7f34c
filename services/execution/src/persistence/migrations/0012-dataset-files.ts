import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which stored files are the data of datasets, and who may read them there: a dataset holds its file, whatever becomes of the job. */
export class DatasetFiles1763000000012 implements MigrationInterface {
  readonly name = 'DatasetFiles1763000000012';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table known_dataset_file (
        id uuid primary key,
        seq int not null,
        organization_id uuid not null,
        artifact_id uuid not null,
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
