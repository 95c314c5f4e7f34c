import type { MigrationInterface, QueryRunner } from 'typeorm';
import { foundBy } from '../../application/item-content.js';
import type { ItemContent, RecordType } from '../../domain/item.js';
import type { RegisteredSubtype } from '../../domain/node.js';
import { searchVector } from '../item-rows.js';
import { wordsOf } from '../words.js';

interface Found extends Omit<ItemContent, 'name'> {
  readonly node: number;
  readonly subtype: RegisteredSubtype;
  readonly name: string;
  readonly pid: string;
  readonly recordType: RecordType;
}

/** One way for texts to become words, tags and seeds among them, and names that are found though they are mistyped. */
export class ItemWords1700000012000 implements MigrationInterface {
  readonly name = 'ItemWords1700000012000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
    await rebuild(runner, wordsOf('name'), searchVector('told.'));
    // What people name; runs and activities are too many, and named by programs.
    await runner.query(
      `create index node_name_trigrams on node using gin (name gin_trgm_ops, readers) where registered and kind <> 'ACTIVITY'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index node_name_trigrams');
    await rebuild(runner, `to_tsvector('simple', name)`, BEFORE);
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  // As English, but with no words that are left out.
  `create text search dictionary item_word_stems (template = snowball, language = english)`,
  `create text search configuration item_words (copy = english)`,
  `alter text search configuration item_words alter mapping replace english_stem with item_word_stems`,
  `create extension if not exists pg_trgm`,
  // A function, since only so a statement has a threshold of its own: one wrong letter in a word of seven is to be found.
  `create function similarly_named (asked text, principals uuid[]) returns table (node bigint, score real)
   language sql stable set pg_trgm.word_similarity_threshold = '0.4' as $$
     select id, word_similarity(asked, name) from node
     where registered and kind <> 'ACTIVITY' and asked <% name and readers && principals
     order by word_similarity(asked, name) desc, id desc limit 1000
   $$`,
];

const DOWN = [
  `drop function similarly_named`,
  `drop text search configuration item_words`,
  `drop text search dictionary item_word_stems`,
  `drop extension pg_trgm`,
];

const BEFORE = `setweight(to_tsvector('simple', told.name || ' ' || told.pid || ' ' || regexp_replace(told.pid, '^.*/', '')), 'A')
    || setweight(to_tsvector('english', told.name), 'A') || setweight(to_tsvector('english', told.keywords), 'B')
    || setweight(to_tsvector('english', told.description), 'C') || setweight(to_tsvector('simple', told.rest), 'D')`;

/** What people registered anew from all that it says, everything else from its name. */
async function rebuild(runner: QueryRunner, recorded: string, registered: string): Promise<void> {
  await runner.query(`update node set search = ${recorded} where not registered and search <> ''`);
  for (let after = 0; ;) {
    const items = (await runner.query(
      `select i.node, n.subtype, n.name, i.pid, i.record_type as "recordType", i.schema_version as "schemaVersion", i.metadata, i.tags
       from item i join node n on n.id = i.node where i.node > $1 order by i.node limit 500`,
      [after],
    )) as Found[];
    const last = items.at(-1);
    if (last === undefined) return;
    after = last.node;
    const told = items.map(({ node, subtype, name, pid, recordType, ...content }) => ({
      ...{ node, name, pid, tags: content.tags, record_type: recordType },
      ...foundBy(subtype, content),
    }));
    await runner.query(
      `update node set search = ${registered}
       from jsonb_to_recordset($1::jsonb) as told (node bigint, name text, pid text, tags text[], record_type text,
         keywords text, description text, rest text)
       where node.id = told.node`,
      [JSON.stringify(told)],
    );
  }
}
