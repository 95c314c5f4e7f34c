import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which stream was told what this database knows, and how far the telling again has come when it was lost. */
export class ToldStream1700000000010 implements MigrationInterface {
  readonly name = 'ToldStream1700000000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table told_stream (
        name text primary key,
        created text not null,
        told_until text
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table told_stream');
  }
}
