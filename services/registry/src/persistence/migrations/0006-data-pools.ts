import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Data pools, their files and releases; the stored files that the registry has heard of, and whose final jobs are now. */
export class DataPools1700000006000 implements MigrationInterface {
  readonly name = 'DataPools1700000006000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  `create table known_artifact (
     id uuid primary key,
     organization_id uuid not null,
     name text not null,
     media_type text not null,
     size bigint not null,
     sha256 text not null
   )`,
  // A final job that was given away, with its results, or is gone (organization null).
  `create table known_job_record (
     job_id uuid primary key,
     organization_id uuid,
     revision integer not null
   )`,

  // What is deleted stays as a row, so that it can be told again to a stream that was lost.
  `create table data_pool (
     id bigint generated always as identity primary key,
     public_id uuid not null constraint data_pool_public_id unique,
     organization_id uuid not null,
     owner_id uuid not null,
     name text not null,
     description text not null,
     licence text,
     tags text[] not null,
     grants jsonb not null,
     readers uuid[] not null,
     created_by uuid not null,
     created_at timestamptz not null default now(),
     updated_at timestamptz not null default now(),
     seq integer not null default 1,
     release text not null default 'NOT_RELEASED' check (release in ('NOT_RELEASED', 'PENDING', 'RELEASED')),
     release_requested_by uuid,
     reviewer_id uuid,
     released_at timestamptz,
     sealed_at timestamptz,
     sealed_by uuid,
     manifest_sha256 text check (manifest_sha256 ~ '^[0-9a-f]{64}$'),
     node bigint references node (id),
     deleted_at timestamptz,
     deleted_by uuid,
     deleted_reason text,
     constraint data_pool_release check (
       case release when 'PENDING' then reviewer_id is not null and release_requested_by is not null
         when 'RELEASED' then released_at is not null else true end),
     constraint data_pool_sealed check ((sealed_at is null) = (sealed_by is null)
       and (sealed_at is null or (manifest_sha256 is not null and deleted_at is null))),
     constraint data_pool_deleted check ((deleted_at is null) = (deleted_by is null))
   )`,
  `create unique index data_pool_name on data_pool (organization_id, name) where deleted_at is null`,
  `create index data_pool_readers on data_pool using gin (readers) where deleted_at is null`,

  // A name that is written again is another version; what was taken out stays as a row without a use.
  `create table data_pool_file (
     id uuid primary key,
     pool bigint not null references data_pool (id),
     name text collate "C" not null,
     version integer not null check (version > 0),
     current boolean not null default true,
     artifact_id uuid not null,
     node bigint not null references node (id),
     size bigint not null,
     sha256 text not null,
     media_type text not null,
     format text,
     licence text,
     description text not null,
     added_by uuid not null,
     added_at timestamptz not null default now(),
     job_id uuid,
     item_index integer,
     removed_at timestamptz,
     removed_by uuid,
     constraint data_pool_file_version unique (pool, name, version),
     constraint data_pool_file_source check ((job_id is null) = (item_index is null)),
     constraint data_pool_file_removed check (removed_at is null or not current)
   )`,
  `create unique index data_pool_file_current on data_pool_file (pool, name) where current`,
  `create index data_pool_file_kept on data_pool_file (pool) where removed_at is null`,

  `create table data_pool_release_event (
     pool bigint not null references data_pool (id),
     number integer not null,
     action text not null check (action in ('REQUEST', 'APPROVE', 'REJECT')),
     at timestamptz not null default now(),
     user_id uuid not null,
     reviewer_id uuid not null,
     note text not null,
     primary key (pool, number)
   )`,

  // Sealed is sealed, whoever writes.
  `create function keep_sealed_files() returns trigger language plpgsql as $$
   begin
     if exists (select from data_pool where id = coalesce(new.pool, old.pool) and sealed_at is not null) then
       raise exception 'the data pool is sealed' using errcode = 'restrict_violation';
     end if;
     return coalesce(new, old);
   end $$`,
  `create trigger data_pool_file_sealed before insert or update or delete on data_pool_file
     for each row execute function keep_sealed_files()`,
  `create function keep_seal() returns trigger language plpgsql as $$
   begin
     if tg_op = 'DELETE' or (new.sealed_at, new.sealed_by, new.manifest_sha256, new.node)
         is distinct from (old.sealed_at, old.sealed_by, old.manifest_sha256, old.node) then
       raise exception 'the data pool is sealed' using errcode = 'restrict_violation';
     end if;
     return new;
   end $$`,
  `create trigger data_pool_sealed before update or delete on data_pool
     for each row when (old.sealed_at is not null) execute function keep_seal()`,
];

const DOWN = [
  `drop table data_pool_release_event, data_pool_file, data_pool, known_job_record, known_artifact`,
  `drop function keep_sealed_files, keep_seal`,
];
