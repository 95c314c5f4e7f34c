import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A transition of a job in a batch appends a step, in the statement that writes the transition, and no row that all of
 * them share is written by it: so nothing serialises them. Steps are folded into the batch's counts from time to time;
 * a reader adds what is not folded yet.
 */
export class Batches1763000000007 implements MigrationInterface {
  readonly name = 'Batches1763000000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table job_input add column shared_id uuid references job_input (id)`);
    await runner.query(`create index job_input_sharing on job_input (shared_id) where shared_id is not null`);
    await runner.query(`
      create table batch (
        id uuid primary key,
        organization_id uuid not null,
        created_by text not null,
        name text not null,
        correlation_id text not null,
        jobs_total int not null check (jobs_total > 0),
        seq int not null default 1,
        pending int not null,
        dequeued int not null default 0,
        in_progress int not null default 0,
        cancelling int not null default 0,
        succeeded int not null default 0,
        failed int not null default 0,
        cancelled int not null default 0,
        submitted_at timestamptz not null,
        started_at timestamptz,
        last_ended_at timestamptz,
        cancel_requested_at timestamptz,
        cancel_asked_by text,
        check (pending + dequeued + in_progress + cancelling + succeeded + failed + cancelled = jobs_total)
      ) with (fillfactor = 80)`);
    await runner.query(
      `create index batch_of_organization on batch (organization_id, submitted_at desc, id desc)`,
    );
    // Who asked stays only until the request has reached every job.
    await runner.query(`create index batch_cancelling on batch (id) where cancel_asked_by is not null`);
    await runner.query(`
      create table batch_step (
        position bigint generated always as identity primary key,
        batch_id uuid not null,
        from_state text not null,
        to_state text not null,
        started_at timestamptz,
        ended_at timestamptz
      )`);
    await runner.query(`create index batch_step_of_batch on batch_step (batch_id)`);
    await runner.query(
      `alter table job add batch_id uuid, add batch_index int, add batch_last boolean not null default true`,
    );
    await runner.query(
      `create index job_of_batch on job (batch_id, submitted_at desc, id desc) where batch_id is not null`,
    );
    // Of a job and its retries exactly one counts.
    await runner.query(
      `create unique index job_last_in_batch on job (batch_id, batch_index) where batch_id is not null and batch_last`,
    );
    await runner.query(`
      create function join_batch() returns trigger language plpgsql as $$
      declare earlier text;
      begin
        perform pg_advisory_xact_lock(hashtextextended(new.batch_id::text || ':' || new.batch_index, 0));
        update job set batch_last = false
          where batch_id = new.batch_id and batch_index = new.batch_index and batch_last returning state into earlier;
        insert into batch_step (batch_id, from_state, to_state) values (new.batch_id, earlier, new.state);
        return new;
      end $$`);
    await runner.query(
      `create trigger job_joins_batch before insert on job for each row
      when (new.batch_id is not null and new.retry_of is not null) execute function join_batch()`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop trigger job_joins_batch on job`);
    await runner.query(`drop function join_batch()`);
    await runner.query(`alter table job drop batch_id, drop batch_index, drop batch_last`);
    await runner.query(`drop table batch_step, batch`);
    await runner.query(`alter table job_input drop shared_id`);
  }
}
