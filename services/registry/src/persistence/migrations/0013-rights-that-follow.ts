import type { MigrationInterface, QueryRunner } from 'typeorm';
import { administratorsOf, type ItemAccess } from '../../domain/access.js';

/** What follows from the rights of an item: who decides on requests for more, and who owns the activity that made it. */
export class RightsThatFollow1700000013000 implements MigrationInterface {
  readonly name = 'RightsThatFollow1700000013000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table item_access_request add column deciders uuid[] not null default '{}'`);
    const asked = (await runner.query(
      `select i.node, n.organization_id as "organizationId", i.owner_id as "ownerId",
         (select coalesce(json_agg(json_build_object('kind', g.kind, 'principalId', g.principal_id, 'roles', g.roles)), '[]')
          from item_grant g where g.node = i.node) as grants
       from item i join node n on n.id = i.node where i.node in (select node from item_access_request)`,
    )) as (ItemAccess & { readonly node: number })[];
    await runner.query(
      `update item_access_request r set deciders = told.deciders
       from jsonb_to_recordset($1::jsonb) as told (node bigint, deciders uuid[]) where r.node = told.node`,
      [JSON.stringify(asked.map(({ node, ...access }) => ({ node, deciders: administratorsOf(access) })))],
    );
    await runner.query(`alter table item_access_request alter column deciders drop default`);
    await runner.query(
      `create index item_access_request_deciders on item_access_request using gin (deciders)`,
    );
    await runner.query(
      `update item activity set owner_id = made.owner_id from activity_workflow w join item made on made.node = w.node
       where activity.node = w.activity and w.kind in ('CREATE', 'VERSION') and activity.owner_id <> made.owner_id`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table item_access_request drop column deciders`);
  }
}
