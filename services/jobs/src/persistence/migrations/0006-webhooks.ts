import { FINAL_JOB_STATES } from '@weft/contracts';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { WEBHOOK_STATES } from '../../domain/webhook/webhook.js';

const quoted = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');
const time = (column: string): string =>
  `to_char(new.${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

export class Webhooks1763000000006 implements MigrationInterface {
  readonly name = 'Webhooks1763000000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table job_webhook (
        id uuid primary key,
        job_id uuid not null unique references job (id) on delete cascade,
        organization_id uuid not null,
        url text not null,
        host text not null,
        sealed_secret text not null,
        state text not null default 'WAITING' check (state in (${quoted(WEBHOOK_STATES)})),
        body text,
        tries int not null default 0,
        round_start int not null default 0,
        due_at timestamptz,
        check ((state = 'WAITING') = (body is null)),
        check ((state = 'PENDING') = (due_at is not null))
      ) with (fillfactor = 80)`);
    // Only what is to be sent is in it, in lanes: what one receiver makes wait is not read on the way to another's.
    await runner.query(
      `create index job_webhook_due on job_webhook (organization_id, host, due_at) where due_at is not null`,
    );
    await runner.query(`
      create table job_webhook_try (
        webhook_id uuid not null references job_webhook (id) on delete cascade,
        number int not null,
        at timestamptz not null,
        ended_at timestamptz,
        status_code int,
        failure text,
        message text,
        response text,
        duration_ms int,
        next_at timestamptz,
        primary key (webhook_id, number)
      ) with (fillfactor = 80)`);
    // The message is written by the statement that ends the job, whichever that is, so it can neither be lost nor written twice.
    // The condition is looked at in the row at hand: jobs without a webhook never enter the function.
    await runner.query(`alter table job add column webhook boolean not null default false`);
    await runner.query(`
      create function write_job_webhook() returns trigger language plpgsql as $$
      begin
        update job_webhook set state = 'PENDING', due_at = now(), body = json_build_object(
          'type', 'job.' || lower(new.state),
          'timestamp', ${time('ended_at')},
          'data', json_build_object(
            'jobId', new.id,
            'name', new.name,
            'kind', new.kind,
            'state', new.state,
            'organizationId', new.organization_id,
            'targetId', new.target_id,
            'serviceVersionId', new.service_version_id,
            'tags', new.tags,
            'retryOf', new.retry_of,
            'correlationId', new.correlation_id,
            'submittedAt', ${time('submitted_at')},
            'startedAt', ${time('started_at')},
            'endedAt', ${time('ended_at')},
            'attempts', new.attempts,
            'counts', json_build_object('total', new.items_total,
              'succeeded', new.succeeded, 'failed', new.failed, 'cancelled', new.cancelled)))::text
        where job_id = new.id and state = 'WAITING';
        return null;
      end $$`);
    const final = quoted(FINAL_JOB_STATES);
    await runner.query(`
      create trigger job_webhook_message after update of state on job for each row
      when (new.webhook and new.state in (${final}) and old.state not in (${final}))
      execute function write_job_webhook()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop trigger job_webhook_message on job`);
    await runner.query(`drop function write_job_webhook()`);
    await runner.query(`alter table job drop column webhook`);
    await runner.query(`drop table job_webhook_try, job_webhook`);
  }
}
