import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What attempts ran in, told by workers: few, and never changed. */
export class Environments1763000000011 implements MigrationInterface {
  readonly name = 'Environments1763000000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table environment (
        digest text primary key,
        facts jsonb not null,
        told_at timestamptz not null default now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table environment`);
  }
}
