import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { RegisteredSubtype } from '../../domain/node.js';
import { mentionsOf } from '../../domain/item-types/index.js';
import { MENTIONED } from '../item-references.js';

interface Saying {
  readonly node: number;
  readonly subtype: RegisteredSubtype;
  readonly version: number;
  readonly metadata: unknown;
}

/** Which items name which in their metadata, so that what names an item is found. */
export class ItemReferences1700000011000 implements MigrationInterface {
  readonly name = 'ItemReferences1700000011000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table item_reference (
        node bigint not null references item (node),
        target bigint not null references node (id),
        primary key (node, target)
      )`);
    for (let after = 0; ;) {
      const items = (await runner.query(
        `select i.node, n.subtype, i.schema_version as version, i.metadata from item i join node n on n.id = i.node
         where i.node > $1 and i.metadata is not null order by i.node limit 1000`,
        [after],
      )) as Saying[];
      const last = items.at(-1);
      if (last === undefined) break;
      after = last.node;
      const saying = items.map(({ node, subtype, version, metadata }) => ({
        node,
        mentions: mentionsOf(subtype, version, metadata),
      }));
      await runner.query(
        `with saying as (select * from jsonb_to_recordset($1::jsonb) as saying (node bigint, mentions text[]))
         insert into item_reference (node, target) ${MENTIONED('saying')}`,
        [JSON.stringify(saying)],
      );
    }
    // By -node, as the lists are.
    await runner.query(`create index item_reference_of_target on item_reference (target, (-node))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table item_reference`);
  }
}
