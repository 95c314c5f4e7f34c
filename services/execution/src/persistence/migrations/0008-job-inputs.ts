import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the jobs that take an artifact as input, so that it is not removed with the job that made it. */
export class JobInputs1763000000008 implements MigrationInterface {
  readonly name = 'JobInputs1763000000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create index known_job_input on known_job using gin (input_artifact_ids) where cardinality(input_artifact_ids) > 0`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index known_job_input`);
  }
}
