import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tables of law 2 (DESIGN §4): what is to be told, what was heard, and what could not be handled. */
export class Outbox1700000000000 implements MigrationInterface {
  readonly name = 'Outbox1700000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table outbox (
        position bigint generated always as identity primary key,
        id text not null,
        subject text not null,
        body json not null,
        created_at timestamptz not null default now()
      ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)`);
    await runner.query(`
      create table inbox (
        consumer text not null,
        id text not null,
        received_at timestamptz not null default now(),
        primary key (consumer, id)
      )`);
    await runner.query(`create index inbox_received on inbox (received_at)`);
    await runner.query(`
      create table dead_letter (
        position bigint generated always as identity primary key,
        consumer text not null,
        id text not null,
        subject text not null,
        body text not null,
        error text not null,
        at timestamptz not null default now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table dead_letter, inbox, outbox`);
  }
}
