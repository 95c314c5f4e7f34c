import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which change of a job's record was done here last: changes may come twice and out of order. */
export class RecordRevision1763000000009 implements MigrationInterface {
  readonly name = 'RecordRevision1763000000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table known_job add column record_revision int not null default 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table known_job drop column record_revision`);
  }
}
