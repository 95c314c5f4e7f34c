import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lists of items by name and by their last change, each read from an index, with the rights in it; grants that end by themselves, and requests for such. */
export class OrdersAndEnds1700000021000 implements MigrationInterface {
  readonly name = 'OrdersAndEnds1700000021000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  // What was never changed stands there as of its making: nothing is written with the nodes of jobs.
  `alter table node add column updated_at timestamptz`,
  `update node set updated_at = item.updated_at from item where item.node = node.id`,
  `create index node_by_name on node (organization_id, subtype, (left(lower(name), 200) collate "C"), id)
     where kind = 'ENTITY' or registered`,
  `create index node_by_update on node (organization_id, subtype, (coalesce(updated_at, created_at)), id)
     where kind = 'ENTITY' or registered`,
  // What an item is ordered by stands with each of its readers, as its subtype does.
  `alter table item_reader add column name text collate "C", add column updated_at timestamptz`,
  `update item_reader set name = left(lower(node.name), 200), updated_at = node.updated_at from node where node.id = item_reader.node`,
  `alter table item_reader alter column name set not null, alter column updated_at set not null`,
  `create index item_reader_by_name on item_reader (principal, subtype, name, node)`,
  `create index item_reader_by_update on item_reader (principal, subtype, updated_at, node)`,
  // Somebody may have some roles for good and others for a while.
  `alter table item_grant add column expires_at timestamptz,
     drop constraint item_grant_once,
     add constraint item_grant_once unique nulls not distinct (node, kind, principal_id, expires_at)`,
  `create index item_grant_ending on item_grant (expires_at) where expires_at is not null`,
  `alter table item_access_request add column expires_at timestamptz`,
  // When the first of its grants ends; null: none does.
  `alter table data_pool add column grants_end timestamptz`,
  `create index data_pool_grants_ending on data_pool (grants_end) where grants_end is not null`,
];

const DOWN = [
  `drop index data_pool_grants_ending`,
  `update data_pool set grants = (select coalesce(jsonb_agg(g order by place), '[]') from jsonb_array_elements(grants) with ordinality as given (g, place)
     where g ->> 'expiresAt' is null) where grants_end is not null`,
  `alter table data_pool drop column grants_end`,
  `alter table item_access_request drop column expires_at`,
  `delete from item_grant where expires_at is not null`,
  `alter table item_grant drop constraint item_grant_once, drop column expires_at,
     add constraint item_grant_once unique nulls not distinct (node, kind, principal_id)`,
  `alter table item_reader drop column name, drop column updated_at`,
  `drop index node_by_name, node_by_update`,
  `alter table node drop column updated_at`,
];
