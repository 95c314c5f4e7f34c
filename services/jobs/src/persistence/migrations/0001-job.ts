import { ATTEMPT_OUTCOMES, JOB_KINDS } from '@weft/contracts';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { renderGuardSql, renderStateCheck } from '../../domain/lifecycle.js';

const oneOf = (column: string, values: readonly string[]): string =>
  `check (${column} in (${values.map((value) => `'${value}'`).join(', ')}))`;

export class Job1763000000001 implements MigrationInterface {
  readonly name = 'Job1763000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table job_input (
        id uuid primary key,
        data json,
        data_artifact_id text,
        params json,
        item_params json,
        data_sha256 text,
        params_sha256 text,
        data_bytes int not null,
        params_bytes int not null
      )`);
    await runner.query(`
      create table job (
        id uuid primary key,
        organization_id uuid not null,
        created_by text not null,
        name text not null,
        kind text not null ${oneOf('kind', JOB_KINDS)},
        service_id text,
        service_version_id text not null,
        target_id text not null,
        priority int not null,
        tags text[] not null,
        state text not null check (${renderStateCheck('state')}),
        reason text,
        seq int not null check (seq > 0),
        items_total int not null check (items_total between 1 and 300),
        attempts int not null,
        carried_over int not null,
        pending int not null check (pending >= 0),
        dequeued int not null check (dequeued >= 0),
        in_progress int not null check (in_progress >= 0),
        cancelling int not null check (cancelling >= 0),
        succeeded int not null check (succeeded >= 0),
        failed int not null check (failed >= 0),
        cancelled int not null check (cancelled >= 0),
        cancel_requested_at timestamptz,
        claimable_at timestamptz,
        reference_deadline timestamptz,
        max_attempts int not null,
        timeout_seconds int,
        input_id uuid not null references job_input (id),
        retry_of uuid references job (id),
        correlation_id text not null,
        submitted_at timestamptz not null,
        dequeued_at timestamptz,
        started_at timestamptz,
        ended_at timestamptz,
        check (pending + dequeued + in_progress + cancelling + succeeded + failed + cancelled = items_total),
        check ((ended_at is not null) = (state in ('SUCCEEDED', 'FAILED', 'CANCELLED')))
      ) with (fillfactor = 80)`);
    // Only what can be claimed is in the index of the claim: history costs it nothing.
    await runner.query(
      `create index job_claimable on job (target_id, priority desc, claimable_at, id) where claimable_at is not null`,
    );
    await runner.query(
      `create index job_waiting on job (reference_deadline) where reference_deadline is not null`,
    );
    await runner.query(
      `create index job_of_organization on job (organization_id, submitted_at desc, id desc)`,
    );
    await runner.query(`create index job_of_target on job (target_id, submitted_at desc, id desc)`);
    await runner.query(`create index job_of_service on job (service_id, submitted_at desc, id desc)`);
    await runner.query(`create index job_retry on job (retry_of) where retry_of is not null`);
    await runner.query(`
      create table job_item (
        job_id uuid not null references job (id) on delete cascade,
        index int not null check (index between 0 and 299),
        state text not null check (${renderStateCheck('state')}),
        attempt int,
        failures int not null default 0,
        losses int not null default 0,
        run_at timestamptz not null,
        result text,
        result_artifact_id text,
        result_sha256 text,
        error jsonb,
        started_at timestamptz,
        ended_at timestamptz,
        carried_from uuid,
        primary key (job_id, index)
      ) with (fillfactor = 80)`);
    await runner.query(`create sequence attempt_fence`);
    await runner.query(`
      create table attempt (
        job_id uuid not null references job (id) on delete cascade,
        number int not null,
        fence bigint not null unique,
        worker_id text not null,
        target_id text not null,
        items int[] not null,
        outcome text not null ${oneOf('outcome', ATTEMPT_OUTCOMES)},
        claimed_at timestamptz not null,
        started_at timestamptz,
        ended_at timestamptz,
        lease_until timestamptz not null,
        claim_request_id text not null,
        progress double precision,
        progress_message text,
        primary key (job_id, number)
      ) with (fillfactor = 80)`);
    await runner.query(`create index attempt_lease on attempt (lease_until) where outcome = 'RUNNING'`);
    await runner.query(
      `create index attempt_claim on attempt (worker_id, claim_request_id) where outcome = 'RUNNING'`,
    );
    await runner.query(`
      create table job_event (
        job_id uuid not null,
        seq int not null,
        at timestamptz not null,
        cause text not null,
        actor_kind text not null,
        actor_id text not null,
        from_state text,
        to_state text not null check (${renderStateCheck('to_state')}),
        reason text,
        attempt int,
        items jsonb not null,
        message text,
        primary key (job_id, seq)
      )`);
    await runner.query(`
      create function refuse_history_change() returns trigger language plpgsql as $$
      begin raise exception 'history is append-only' using errcode = 'WF001'; end $$`);
    await runner.query(
      `create trigger job_event_append_only before update on job_event for each row execute function refuse_history_change()`,
    );
    await runner.query(`
      create table refused_report (
        position bigint generated always as identity primary key,
        job_id uuid not null,
        attempt int not null,
        fence bigint not null,
        worker_id text not null,
        kind text not null,
        code text not null,
        at timestamptz not null default now()
      )`);
    await runner.query(`
      create table submission_key (
        organization_id uuid not null,
        key text not null,
        input_hash text not null,
        job_id uuid not null,
        created_at timestamptz not null default now(),
        primary key (organization_id, key)
      )`);
    await runner.query(`create index submission_key_age on submission_key (created_at)`);
    await runner.query(renderGuardSql());
    await runner.query(
      `create trigger job_item_guard before update on job_item for each row execute function guard_job_item()`,
    );
    await runner.query(`
      create trigger job_final_guard before update on job for each row
      when (old.state in ('SUCCEEDED', 'FAILED', 'CANCELLED')) execute function guard_final_job()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `drop table submission_key, refused_report, job_event, attempt, job_item, job, job_input`,
    );
    await runner.query(`drop sequence attempt_fence`);
    await runner.query(`drop function refuse_history_change(), guard_job_item(), guard_final_job()`);
  }
}
