import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Registered items, who may do what with them, and which record says what. */
export class Items1700000002000 implements MigrationInterface {
  readonly name = 'Items1700000002000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const EVERYONE = `'00000000-0000-0000-0000-000000000001'`;
const LISTS = `'PERSON', 'ORGANISATION', 'MODEL', 'MODEL_RUN_WORKFLOW_TEMPLATE', 'DATASET', 'DATASET_TEMPLATE', 'MODEL_RUN', 'STUDY', 'CREATE', 'VERSION'`;
const ROLES = `array['METADATA_READ', 'METADATA_WRITE', 'DATA_READ', 'DATA_WRITE', 'ADMIN']`;

const UP = [
  // Who may read what a node says, as principals (domain/principal.ts): compared with those of the caller inside each query.
  `alter table node add column readers uuid[] not null default '{}'`,
  `update node set readers = case when is_public then array[${EVERYONE}]::uuid[]
     when organization_id is null then '{}' else array[organization_id] end`,
  `alter table node drop column is_public`,
  `alter table node add column registered boolean not null default false`,
  // DATASET and PERSON are from now on what people register; what a job used is DATA, who submitted it a USER.
  `update node set subtype = case subtype when 'DATASET' then 'DATA' else 'USER' end
     where (kind, subtype) in (('ENTITY', 'DATASET'), ('AGENT', 'PERSON'))`,
  // An item is found by more than its name: its writer says by what.
  `alter table node alter column search drop expression`,
  `drop index node_search`,
  `create index node_search on node using gin (search, readers) where kind = 'ENTITY' or registered`,

  `create table item (
     node bigint primary key references node (id),
     pid text not null constraint item_pid unique,
     record_type text not null constraint item_record_type check (record_type in ('SEED', 'COMPLETE')),
     schema_version integer not null check (schema_version > 0),
     metadata jsonb constraint item_complete check (record_type = 'SEED' or metadata is not null),
     tags text[] not null default '{}',
     owner_id uuid not null,
     created_by uuid not null,
     revision integer not null check (revision > 0),
     seq integer not null default 1,
     updated_at timestamptz not null default now(),
     series_id uuid not null,
     version integer not null check (version > 0),
     previous bigint constraint item_previous unique references item (node),
     version_reason text,
     locked boolean not null default false,
     withdrawn_at timestamptz,
     withdrawn_by uuid,
     withdrawn_reason text,
     constraint item_series unique (series_id, version),
     constraint item_reason check ((previous is null) = (version_reason is null)),
     constraint item_withdrawn check (withdrawn_at is null or (withdrawn_by is not null and withdrawn_reason is not null))
   )`,
  // Everything that an item ever was; edits in place, not versions.
  `create table item_revision (
     node bigint not null references item (node),
     revision integer not null,
     action text not null,
     at timestamptz not null default now(),
     user_id uuid not null,
     reason text,
     reverts_to integer,
     name text not null,
     schema_version integer not null,
     metadata jsonb,
     tags text[] not null,
     primary key (node, revision)
   )`,
  `create table item_lock_event (
     node bigint not null references item (node),
     number integer not null,
     action text not null check (action in ('LOCK', 'UNLOCK')),
     at timestamptz not null default now(),
     user_id uuid not null,
     reason text not null,
     primary key (node, number)
   )`,
  `create table item_grant (
     node bigint not null references item (node),
     kind text not null check (kind in ('EVERYONE', 'ORGANIZATION', 'MAINTAINERS', 'TEAM', 'USER')),
     principal_id uuid constraint item_grant_principal check ((kind = 'EVERYONE') = (principal_id is null)),
     roles text[] not null check (cardinality(roles) > 0 and roles <@ ${ROLES}),
     constraint item_grant_once unique nulls not distinct (node, kind, principal_id)
   )`,
  // One ordered stretch of the index for each principal and subtype: a list of what somebody may read looks at nothing else.
  `create table item_reader (
     principal uuid not null,
     subtype text not null check (subtype in (${LISTS})),
     node bigint not null references item (node),
     primary key (node, principal)
   )`,
  `create index item_reader_listing on item_reader (principal, subtype, (-node))`,
  `create table item_alias (
     series_id uuid not null,
     alias text not null check (alias ~ '^[a-z][a-z0-9_-]{0,39}$'),
     node bigint not null references item (node),
     moved_at timestamptz not null default now(),
     moved_by uuid not null,
     primary key (series_id, alias)
   )`,
  `create table item_access_request (
     id uuid primary key,
     node bigint not null references item (node),
     user_id uuid not null,
     roles text[] not null check (cardinality(roles) > 0 and roles <@ ${ROLES}),
     note text not null,
     state text not null check (state in ('PENDING', 'APPROVED', 'REJECTED', 'CANCELLED')),
     requested_at timestamptz not null default now(),
     decided_at timestamptz,
     decided_by uuid,
     decision_note text
   )`,
  `create unique index item_access_request_open on item_access_request (node, user_id) where state = 'PENDING'`,
  `create index item_access_request_mine on item_access_request (user_id, requested_at desc, id)`,

  // A request that is repeated under its key has the item of the first time.
  `create table item_request (
     organization_id uuid not null,
     idempotency_key text not null,
     input_hash text not null,
     node bigint not null references item (node),
     at timestamptz not null default now(),
     primary key (organization_id, idempotency_key)
   )`,
  // Who a user of this platform is among the registered people.
  `create table person_link (
     user_id uuid primary key,
     node bigint not null references item (node),
     linked_at timestamptz not null default now()
   )`,

  // The two jobs that write down how an item, or a new version of it, came to be.
  `create table activity_workflow (
     id uuid primary key,
     node bigint not null references item (node),
     kind text not null check (kind in ('CREATE', 'VERSION')),
     user_id uuid not null,
     requested_at timestamptz not null default now(),
     activity bigint references node (id),
     constraint activity_workflow_once unique (node, kind)
   )`,
  `create table activity_workflow_step (
     workflow_id uuid not null references activity_workflow (id),
     key text not null check (key in ('register', 'lodge')),
     job_id uuid not null constraint activity_workflow_step_job unique,
     state text not null,
     seq integer not null default 0,
     primary key (workflow_id, key)
   )`,

  // A record is a set of statements that were lodged together: a bundle. A statement stands as long as one record has it.
  `create table record (
     id bigint generated always as identity primary key,
     public_id uuid not null constraint record_public_id unique,
     organization_id uuid not null,
     kind text not null check (kind in ('CREATE', 'VERSION', 'MODEL_RUN', 'IMPORT')),
     item bigint references item (node),
     name text not null,
     lodged_by uuid not null,
     job_id uuid,
     lodged_at timestamptz not null default now(),
     readers uuid[] not null
   )`,
  `create table record_node (
     record bigint not null references record (id),
     node bigint not null references node (id),
     primary key (record, node)
   )`,
  `create index record_node_by_node on record_node (node, record)`,
  `create table record_edge (
     record bigint not null references record (id),
     src bigint not null,
     dst bigint not null,
     relation text not null,
     role text not null,
     detail jsonb,
     primary key (record, src, dst, relation, role),
     constraint record_edge_edge foreign key (src, dst, relation, role) references edge (src, dst, relation, role)
   )`,
  `create index record_edge_by_edge on record_edge (src, dst, relation, role, record)`,
];

const DOWN = [
  `drop table record_edge, record_node, record, activity_workflow_step, activity_workflow, person_link, item_request,
     item_access_request, item_alias,
     item_reader, item_grant, item_lock_event, item_revision, item`,
  `delete from edge using node where node.registered and node.id in (edge.src, edge.dst)`,
  `delete from node where registered`,
  `drop index node_search`,
  `alter table node drop column registered`,
  `update node set subtype = case subtype when 'DATA' then 'DATASET' else 'PERSON' end
     where (kind, subtype) in (('ENTITY', 'DATA'), ('AGENT', 'USER'))`,
  `alter table node add column is_public boolean not null default false`,
  `update node set is_public = readers @> array[${EVERYONE}]::uuid[]`,
  `alter table node drop column search`,
  `alter table node add column search tsvector not null generated always as (to_tsvector('simple', name)) stored`,
  `create index node_search on node using gin (search) where kind = 'ENTITY'`,
  `alter table node drop column readers`,
];
