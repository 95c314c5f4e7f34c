import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Imports that were withdrawn, and what each import told of the things that it names: when one is withdrawn, the word of the
 * next counts. `{}`: it only named it. Null: it is not known, of imports from before.
 */
export class WithdrawnImports1700000020000 implements MigrationInterface {
  readonly name = 'WithdrawnImports1700000020000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table record
        add column withdrawn_at timestamptz,
        add column withdrawn_by uuid,
        add column withdrawal_reason text,
        add constraint record_withdrawn check (
          (withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdrawal_reason is null)
          and (withdrawn_at is null or kind = 'IMPORT')
        )`);
    await runner.query(`alter table record_node add column told jsonb`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table record_node drop column told`);
    await runner.query(`
      alter table record drop constraint record_withdrawn, drop column withdrawn_at, drop column withdrawn_by,
        drop column withdrawal_reason`);
  }
}
