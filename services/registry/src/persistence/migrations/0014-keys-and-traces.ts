import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Requests for reports under keys; and what was changed of data pools that others rely on. */
export class KeysAndTraces1700000014000 implements MigrationInterface {
  readonly name = 'KeysAndTraces1700000014000';

  async up(runner: QueryRunner): Promise<void> {
    // A request that is repeated under its key has the report of the first time.
    await runner.query(`
      alter table report add column idempotency_key text, add column input_hash text,
        add constraint report_key unique (organization_id, idempotency_key),
        add constraint report_key_hash check ((idempotency_key is null) = (input_hash is null))`);
    await runner.query(`
      create table data_pool_change (
        pool bigint not null references data_pool (id),
        number integer not null,
        action text not null check (action in ('UPDATED', 'ACCESS_CHANGED', 'TRANSFERRED')),
        at timestamptz not null default now(),
        user_id uuid not null,
        before jsonb not null,
        after jsonb not null,
        primary key (pool, number)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table data_pool_change`);
    await runner.query(`alter table report drop column idempotency_key, drop column input_hash`);
  }
}
