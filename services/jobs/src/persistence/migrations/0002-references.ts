import type { MigrationInterface, QueryRunner } from 'typeorm';

export class References1763000000002 implements MigrationInterface {
  readonly name = 'References1763000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table known_service_version (
        id text primary key,
        seq int not null,
        service_id text not null,
        organization_id text not null,
        name text not null,
        version text not null,
        lifecycle text not null,
        code_artifact_id text not null,
        runtime text not null,
        data_schema json,
        params_schema json
      )`);
    await runner.query(`
      create table known_target (
        id text primary key,
        seq int not null,
        organization_id text,
        name text not null,
        kinds text[] not null,
        runtimes text[] not null,
        limits jsonb not null,
        cancels_running boolean not null
      )`);
    await runner.query(`
      create table known_artifact (
        id text primary key,
        organization_id text not null,
        size bigint not null,
        sha256 text not null
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table known_artifact, known_target, known_service_version`);
  }
}
