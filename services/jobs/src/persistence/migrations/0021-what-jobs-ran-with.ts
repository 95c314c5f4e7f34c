import type { MigrationInterface, QueryRunner } from 'typeorm';

/** For provenance: what an attempt ran in, which command it was, which jobs a step waited for. Unknown of what there was before. */
export class WhatJobsRanWith1763000000021 implements MigrationInterface {
  readonly name = 'WhatJobsRanWith1763000000021';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table attempt add column environment text`);
    await runner.query(`alter table job_input add column command_sha256 text`);
    await runner.query(`alter table job add column needs uuid[]`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table job drop column needs`);
    await runner.query(`alter table job_input drop column command_sha256`);
    await runner.query(`alter table attempt drop column environment`);
  }
}
