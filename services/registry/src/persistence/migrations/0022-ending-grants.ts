import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Grants that end by themselves, and requests for such. */
export class EndingGrants1700000022000 implements MigrationInterface {
  readonly name = 'EndingGrants1700000022000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
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

// What was to end does not stay for good.
const DOWN = [
  `drop index data_pool_grants_ending`,
  `update data_pool set grants = (select coalesce(jsonb_agg(g order by place), '[]') from jsonb_array_elements(grants) with ordinality as given (g, place)
     where g ->> 'expiresAt' is null) where grants_end is not null`,
  `alter table data_pool drop column grants_end`,
  `alter table item_access_request drop column expires_at`,
  `delete from item_grant where expires_at is not null`,
  `alter table item_grant drop constraint item_grant_once, drop column expires_at,
     add constraint item_grant_once unique nulls not distinct (node, kind, principal_id)`,
];
