import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a registrar of persistent identifiers is to be told: one row for each pid with what is wished of it now, so that
 * wishes that come quickly are told once, and never in the wrong order. Pids of local providers have no row.
 */
export class PidPublications1700000003000 implements MigrationInterface {
  readonly name = 'PidPublications1700000003000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table pid_publication (
        pid text primary key,
        provider text not null,
        wish text not null check (wish in ('PUBLISHED', 'RETIRED')),
        record jsonb not null,
        reason text,
        revision int not null default 1,
        told int not null default 0,
        target text,
        due_at timestamptz,
        tries int not null default 0,
        takes int not null default 0,
        taken_until timestamptz,
        problem text,
        check ((wish = 'RETIRED') = (reason is not null)),
        check (told <= revision)
      ) with (fillfactor = 80)`);
    // Only what is to be told is in it.
    await runner.query(
      `create index pid_publication_due on pid_publication (provider, due_at) where due_at is not null`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table pid_publication`);
  }
}
