import type { MigrationInterface, QueryRunner } from 'typeorm';

/** For provenance: hashes of what items bring themselves, and results of other steps in an input. Unknown of what there was before. */
export class InputTrace1763000000024 implements MigrationInterface {
  readonly name = 'InputTrace1763000000024';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table job_input add column trace json`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table job_input drop column trace`);
  }
}
