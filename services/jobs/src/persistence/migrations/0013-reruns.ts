import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A job may tell which one it runs again. No foreign key: that job may be deleted. */
export class Reruns1763000000013 implements MigrationInterface {
  readonly name = 'Reruns1763000000013';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table job add column rerun_of uuid`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table job drop column rerun_of`);
  }
}
