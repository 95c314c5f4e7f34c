import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Reports that users asked for, each with what the user was when he asked: by that its job reads. */
export class Reports1700000008000 implements MigrationInterface {
  readonly name = 'Reports1700000008000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table report (
        id uuid primary key,
        node bigint not null references node (id),
        user_id uuid not null,
        organization_id uuid not null,
        depth smallint not null check (depth between 1 and 3),
        formats text[] not null check (cardinality(formats) > 0 and formats <@ '{HTML,DOCX}'),
        principals uuid[] not null check (cardinality(principals) <= 4000),
        organizations uuid[] not null check (cardinality(organizations) <= 4000),
        job_id uuid not null unique,
        state text not null default 'PENDING'
          check (state in ('PENDING', 'IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
        requested_at timestamptz(3) not null default now(),
        html_artifact_id uuid,
        docx_artifact_id uuid,
        error_code text,
        check (state = 'SUCCEEDED' or (html_artifact_id is null and docx_artifact_id is null)),
        check (state <> 'SUCCEEDED' or (
          (html_artifact_id is not null) = ('HTML' = any (formats)) and
          (docx_artifact_id is not null) = ('DOCX' = any (formats))))
      ) with (fillfactor = 80)`);
    await runner.query(`create index report_of_item on report (node, user_id, requested_at desc, id desc)`);
    await runner.query(
      `create index report_under_way on report (user_id) where state in ('PENDING', 'IN_PROGRESS')`,
    );
    // Of what the jobs service may not have heard.
    await runner.query(`create index report_pending on report (id) where state = 'PENDING'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table report`);
  }
}
