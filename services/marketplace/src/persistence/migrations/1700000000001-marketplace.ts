import type { MigrationInterface, QueryRunner } from 'typeorm';

// A migration is history: its lists are written out, and a test compares them with the domain's.

export class Marketplace1700000000001 implements MigrationInterface {
  readonly name = 'Marketplace1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [USER, ORGANIZATION, MEMBER, PERSONAL_TOKEN, SERVICE, SERVICE_VERSION])
      await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table service_version, service, personal_token, member, organization, "user"');
  }
}

const USER = `
  create table "user" (
    id uuid not null constraint user_pkey primary key,
    name text not null,
    roles text[] not null constraint user_roles_check check (roles <@ array['operator']),
    created_at timestamptz not null default now()
  );
  create unique index user_name on "user" (lower(name));`;

const ORGANIZATION = `
  create table organization (
    id uuid not null constraint organization_pkey primary key,
    name text not null,
    personal_user_id uuid constraint organization_personal_user_fk references "user" (id),
    created_at timestamptz not null default now(),
    constraint organization_personal_user unique (personal_user_id)
  );
  create unique index organization_name on organization (lower(name));`;

const MEMBER = `
  create table member (
    organization_id uuid not null constraint member_organization_fk references organization (id),
    user_id uuid not null constraint member_user_fk references "user" (id),
    role text not null constraint member_role_check check (role in ('VIEWER', 'MAINTAINER', 'OWNER')),
    created_at timestamptz not null default now(),
    constraint member_pkey primary key (organization_id, user_id)
  );
  create index member_user on member (user_id, organization_id);`;

const PERSONAL_TOKEN = `
  create table personal_token (
    id uuid not null constraint personal_token_pkey primary key,
    user_id uuid not null constraint personal_token_user_fk references "user" (id),
    name text not null,
    hash text not null constraint personal_token_hash_check check (hash ~ '^[0-9a-f]{64}$'),
    scopes text[] not null constraint personal_token_scopes_check
      check (scopes <@ array['read', 'write', 'admin'] and cardinality(scopes) > 0),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    created_at timestamptz not null default now(),
    constraint personal_token_hash unique (hash)
  );
  create index personal_token_user on personal_token (user_id, id);`;

const SERVICE = `
  create table service (
    id uuid not null constraint service_pkey primary key,
    organization_id uuid not null constraint service_organization_fk references organization (id),
    name text not null constraint service_name_check check (name ~ '^[a-z0-9-]{1,64}$'),
    description text not null,
    created_by uuid not null constraint service_created_by_fk references "user" (id),
    created_at timestamptz not null default now(),
    constraint service_name unique (organization_id, name)
  );`;

const SERVICE_VERSION = `
  create table service_version (
    id uuid not null constraint service_version_pkey primary key,
    service_id uuid not null constraint service_version_service_fk references service (id),
    version text not null,
    description text not null,
    lifecycle text not null constraint service_version_lifecycle_check check (lifecycle in ('CREATED', 'PUBLISHED')),
    code_artifact_id text not null,
    runtime text not null constraint service_version_runtime_check check (runtime in ('NODEJS', 'PYTHON')),
    data_schema json,
    params_schema json,
    seq integer not null constraint service_version_seq_check check (seq > 0),
    created_at timestamptz not null default now(),
    published_at timestamptz,
    constraint service_version_version unique (service_id, version),
    constraint service_version_published_check check ((lifecycle = 'PUBLISHED') = (published_at is not null))
  );
  create index service_version_newest on service_version (service_id, id desc);
  create index service_version_published on service_version (service_id) where lifecycle = 'PUBLISHED';`;
