import { TARGET_STATUSES } from '@weft/contracts';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Targets1763000000001 implements MigrationInterface {
  readonly name = 'Targets1763000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table provider (id text primary key, name text not null, description text not null)`,
    );
    await runner.query(`
      create table target (
        id text primary key check (id ~ '^[a-z0-9-]+$'),
        seq int not null check (seq > 0),
        provider_id text not null references provider (id),
        name text not null,
        organization_id uuid,
        kinds text[] not null,
        runtimes text[] not null,
        limits jsonb not null,
        cancels_running boolean not null,
        status text not null check (status in (${TARGET_STATUSES.map((one) => `'${one}'`).join(', ')})),
        status_reason text
      )`);
    await runner.query(`
      create table worker_beat (
        target_id text not null references target (id),
        worker_id text not null,
        at timestamptz not null,
        usable boolean not null,
        problem text,
        runtimes text[] not null,
        running int not null,
        capacity int not null,
        primary key (target_id, worker_id)
      ) with (fillfactor = 50)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table worker_beat, target, provider`);
  }
}
