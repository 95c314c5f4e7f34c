import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SizesAndImages1763000000004 implements MigrationInterface {
  readonly name = 'SizesAndImages1763000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table target add column sizes jsonb not null default '[]', add column images jsonb not null default '[]'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table target drop column sizes, drop column images`);
  }
}
