import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What waits to be claimed gets a small table of its own: a claim never meets history, and a job's row has no indexed
 * column left that changes, so that its transitions are heap-only updates.
 */
export class Queue1763000000003 implements MigrationInterface {
  readonly name = 'Queue1763000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table queue_entry (
        job_id uuid primary key,
        target_id text not null,
        organization_id uuid not null,
        priority int not null,
        run_at timestamptz not null,
        ready boolean not null
      ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)`);
    // A lane per organization, so that the head of each is found without passing the others' jobs.
    await runner.query(
      `create index queue_lane on queue_entry (target_id, organization_id, priority desc, run_at, job_id) where ready`,
    );
    await runner.query(`create index queue_later on queue_entry (run_at) where not ready`);
    await runner.query(`
      insert into queue_entry (job_id, target_id, organization_id, priority, run_at, ready)
      select id, target_id, organization_id, priority, claimable_at, claimable_at <= now()
      from job where claimable_at is not null`);
    await runner.query(`drop index job_claimable`);
    // The number of an attempt, taken under the job's seq, is its fencing token.
    await runner.query(`alter table attempt drop constraint attempt_fence_key`);
    await runner.query(`drop sequence attempt_fence`);
    // One claim that is served twice at once is served once: its second first slice is refused.
    await runner.query(`alter table attempt add column claim_slot int not null default 0`);
    await runner.query(
      `update attempt a set claim_slot = n.slot - 1 from (
        select job_id, number, row_number() over (partition by worker_id, claim_request_id order by job_id, number) as slot
        from attempt where outcome = 'RUNNING') n
      where a.job_id = n.job_id and a.number = n.number`,
    );
    await runner.query(`drop index attempt_claim`);
    await runner.query(
      `create unique index attempt_claim on attempt (worker_id, claim_request_id, claim_slot) where outcome = 'RUNNING'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index attempt_claim`);
    await runner.query(
      `create index attempt_claim on attempt (worker_id, claim_request_id) where outcome = 'RUNNING'`,
    );
    await runner.query(`alter table attempt drop column claim_slot`);
    await runner.query(`create sequence attempt_fence`);
    await runner.query(
      `create index job_claimable on job (target_id, priority desc, claimable_at, id) where claimable_at is not null`,
    );
    await runner.query(`drop table queue_entry`);
  }
}
