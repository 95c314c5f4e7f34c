import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is told of things apart from the jobs that name them, and what people do with jobs that have ended. */
export class AutomaticProvenance1700000009000 implements MigrationInterface {
  readonly name = 'AutomaticProvenance1700000009000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table node_description (
        subject text primary key,
        revision int not null,
        name text,
        facts jsonb not null
      )`);
    await runner.query(`alter table node add column described_by text`);
    await runner.query(`create index node_described on node (described_by) where described_by is not null`);
    // Everything that a user is, in whichever organization, when he says which registered person he is.
    await runner.query(
      `create index node_of_user on node ((facts ->> 'userId')) where kind = 'AGENT' and subtype = 'USER'`,
    );
    // Until now only retries were informed by other jobs.
    await runner.query(`
      update node set facts = node.facts || jsonb_build_object('retryOf', earlier.facts -> 'jobId')
      from edge join node earlier on earlier.id = edge.dst
      where edge.src = node.id and edge.relation = 'WAS_INFORMED_BY' and node.subtype = 'JOB' and earlier.subtype = 'JOB'`);
    // Whose a job was last is known of deleted ones, too; of those deleted before it is not.
    await runner.query(
      `alter table known_job_record add column given_to uuid[] not null default '{}', add column deleted_at timestamptz`,
    );
    await runner.query(
      `update known_job_record set given_to = array[organization_id] where organization_id is not null`,
    );
    await runner.query(`update known_job_record set deleted_at = now() where organization_id is null`);
    await runner.query(`
      insert into node_description (subject, revision, name, facts)
      select 'artifact/' || id, 1, name, jsonb_build_object('sha256', sha256) from known_artifact`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`update known_job_record set organization_id = null where deleted_at is not null`);
    await runner.query(`alter table known_job_record drop column given_to, drop column deleted_at`);
    await runner.query(`update node set facts = facts - 'retryOf' where facts ? 'retryOf'`);
    await runner.query(`drop index node_of_user, node_described`);
    await runner.query(`alter table node drop column described_by`);
    await runner.query(`drop table node_description`);
  }
}
