import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What an imported record was made of: its text as it was given, and of a bundle within it which one it is. */
export class Imports1700000007000 implements MigrationInterface {
  readonly name = 'Imports1700000007000';

  async up(runner: QueryRunner): Promise<void> {
    // Text as bytes, because it may hold what PostgreSQL's text cannot: a zero byte. The parent has it for its bundles.
    await runner.query(`
      alter table record
        add column parent bigint references record (id),
        add column bundle_iri text,
        add column statements integer,
        add column notation text check (notation in ('PROV_JSON', 'PROV_N')),
        add column document bytea,
        add constraint record_imported check (
          (kind = 'IMPORT') = (statements is not null)
          and (document is null) = (notation is null)
          and (parent is null) = (bundle_iri is null)
          and (kind <> 'IMPORT' or (document is null) = (parent is not null))
        )`);
    await runner.query(`create index record_listing on record (organization_id, (-id))`);
    await runner.query(`create index record_bundles on record (parent, id) where parent is not null`);
    // Which text came under a key. No reference to the record: its id is made from the text.
    await runner.query(`
      create table import_request (
        organization_id uuid not null,
        idempotency_key text not null,
        record uuid not null,
        at timestamptz not null default now(),
        primary key (organization_id, idempotency_key)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table import_request`);
    await runner.query(`drop index record_bundles, record_listing`);
    await runner.query(`
      alter table record drop constraint record_imported, drop column parent, drop column bundle_iri,
        drop column statements, drop column notation, drop column document`);
  }
}
