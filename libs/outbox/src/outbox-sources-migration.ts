import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * For a service that keeps its own history: a row may hold where its message can be written from instead of the message.
 * Bodies are text, since nobody asks PostgreSQL what is in them.
 */
export class OutboxSources1763000000017 implements MigrationInterface {
  readonly name = 'OutboxSources1763000000017';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table outbox alter id drop not null, alter subject drop not null, alter body drop not null,
      alter body type text using body::text, add source text,
      add constraint outbox_told check (case when source is null then num_nulls(id, subject, body) = 0 else num_nonnulls(id, subject, body) = 0 end)`);
  }

  /** Only once the outbox is empty of what is no message. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table outbox drop constraint outbox_told, drop source, alter id set not null, alter subject set not null,
      alter body type json using body::json, alter body set not null`);
  }
}
