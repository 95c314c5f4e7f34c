import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A request for a report that is repeated under its key has the report of the first time. */
export class ReportKeys1700000014000 implements MigrationInterface {
  readonly name = 'ReportKeys1700000014000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table report add column idempotency_key text, add column input_hash text,
        add constraint report_key unique (organization_id, idempotency_key),
        add constraint report_key_hash check ((idempotency_key is null) = (input_hash is null))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table report drop column idempotency_key, drop column input_hash`);
  }
}
