import { ARTIFACT_KINDS } from '@weft/contracts';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Artifacts1763000000002 implements MigrationInterface {
  readonly name = 'Artifacts1763000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table artifact (
        id uuid primary key,
        organization_id uuid not null,
        name text not null,
        media_type text not null,
        kind text not null check (kind in (${ARTIFACT_KINDS.map((one) => `'${one}'`).join(', ')})),
        size bigint check (size >= 0),
        sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
        job_id uuid,
        attempt int,
        created_by text not null,
        created_at timestamptz not null default now(),
        stored_at timestamptz,
        check ((sha256 is null) = (size is null) and (sha256 is null) = (stored_at is null))
      )`);
    await runner.query(
      `create index artifact_of_organization on artifact (organization_id, created_at desc, id desc) where sha256 is not null`,
    );
    await runner.query(
      `create index artifact_of_job on artifact (job_id, created_at desc, id desc) where job_id is not null`,
    );
    await runner.query(`create index artifact_expected on artifact (created_at) where sha256 is null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table artifact`);
  }
}
