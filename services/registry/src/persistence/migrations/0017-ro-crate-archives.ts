import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Archives of runs with their files, and what their crates tell of workflows and of sizes. */
export class RoCrateArchives1700000017000 implements MigrationInterface {
  readonly name = 'RoCrateArchives1700000017000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table ro_crate_archive (
        id uuid primary key,
        user_id uuid not null,
        organization_id uuid not null,
        run_job_id uuid,
        workflow_id uuid,
        name text not null,
        licence text,
        request_key text,
        input_hash text,
        job_id uuid not null unique,
        state text not null default 'PENDING'
          check (state in ('PENDING', 'IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
        requested_at timestamptz(3) not null default now(),
        artifact_id uuid,
        file_count int,
        missing_count int,
        error_code text,
        check ((run_job_id is null) <> (workflow_id is null)),
        check ((request_key is null) = (input_hash is null)),
        check ((state = 'SUCCEEDED') = (artifact_id is not null and file_count is not null and missing_count is not null))
      ) with (fillfactor = 80)`);
    await runner.query(
      `create unique index ro_crate_archive_key on ro_crate_archive (organization_id, request_key) where request_key is not null`,
    );
    await runner.query(
      `create index ro_crate_archive_under_way on ro_crate_archive (user_id) where state in ('PENDING', 'IN_PROGRESS')`,
    );
    // Of what the jobs service may not have heard.
    await runner.query(
      `create index ro_crate_archive_pending on ro_crate_archive (id) where state = 'PENDING'`,
    );
    await runner.query(
      `create index node_of_workflow on node ((facts ->> 'workflowId')) where subtype = 'JOB' and facts ->> 'workflowId' is not null`,
    );
    await runner.query(`
      update node_description set facts = facts || jsonb_build_object('bytes', known_artifact.size)
      from known_artifact where subject = 'artifact/' || known_artifact.id`);
    // Results that are files are described as other files are.
    await runner.query(`
      update node set described_by = 'artifact/' || (facts ->> 'artifactId')
      where subtype in ('RESULT', 'DATASET') and facts ->> 'artifactId' is not null and described_by is null`);
    await runner.query(`
      update node set facts = node.facts || jsonb_build_object('bytes', known_artifact.size)
      from known_artifact where node.described_by = 'artifact/' || known_artifact.id`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index node_of_workflow`);
    await runner.query(`drop table ro_crate_archive`);
  }
}
