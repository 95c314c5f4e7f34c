import { ATTEMPT_OUTCOMES, JOB_STATES } from '@weft/contracts';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LOG_STREAMS } from '../../domain/log-line.js';

const oneOf = (column: string, values: readonly string[]): string =>
  `check (${column} in (${values.map((one) => `'${one}'`).join(', ')}))`;

export class AttemptsAndLogs1763000000003 implements MigrationInterface {
  readonly name = 'AttemptsAndLogs1763000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table known_job (
        id uuid primary key,
        organization_id uuid not null,
        state text not null ${oneOf('state', JOB_STATES)},
        seq int not null,
        target_id text not null,
        service_version_id text,
        input_artifact_ids text[] not null,
        log_lines bigint not null default 0
      ) with (fillfactor = 80)`);
    // The length of a queue costs what waits, not what has ever run.
    await runner.query(`create index known_job_waiting on known_job (target_id) where state = 'PENDING'`);
    await runner.query(`
      create table known_attempt (
        job_id uuid not null,
        number int not null,
        seq int not null,
        fence bigint not null,
        worker_id text not null,
        target_id text not null,
        outcome text not null ${oneOf('outcome', ATTEMPT_OUTCOMES)},
        ended_at timestamptz,
        log_complete boolean not null default false,
        wall_ms bigint,
        cpu_ms bigint,
        peak_memory_bytes bigint,
        exit_code int,
        primary key (job_id, number)
      ) with (fillfactor = 80)`);
    await runner.query(`
      create table known_service_code (
        service_version_id text primary key,
        artifact_id text not null,
        seq int not null
      )`);
    await runner.query(`
      create table log_line (
        job_id uuid not null,
        position bigint not null,
        attempt int not null,
        number int not null,
        stream text not null ${oneOf('stream', LOG_STREAMS)},
        at timestamptz not null,
        text text not null,
        primary key (job_id, position),
        unique (job_id, attempt, number)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table log_line, known_service_code, known_attempt, known_job`);
  }
}
