import { testDatabase } from '@weft/testkit';
import { expect, it } from 'vitest';
import { registryDatabase } from '../../context.js';
import { ACME, id, sha } from '../../testing/finished-jobs.js';
import { RoCrateArchives1700000017000 } from './0017-ro-crate-archives.js';

it('tells the sizes of files that were known before, of results too, back and forth', async () => {
  const database = await testDatabase(registryDatabase);
  const migration = new RoCrateArchives1700000017000();
  const runner = database.dataSource.createQueryRunner();
  await migration.down(runner);
  for (const [subtype, name, describedBy] of [
    ['RESULT', 'tides', null],
    ['DATA', 'grid', `artifact/${id('grid')}`],
    ['RESULT', 'unknown', null],
  ])
    await runner.query(
      `insert into node (public_id, kind, subtype, organization_id, revision, name, facts, described_by, readers, search)
       values ($1, 'ENTITY', $2, $3, 1, $4, jsonb_build_object('artifactId', $5::text), $6, '{}', '')`,
      [id(`node ${name}`), subtype, ACME, name, id(name as string), describedBy],
    );
  for (const [name, size] of [
    ['tides', 7],
    ['grid', 42],
  ] as const) {
    await runner.query(`insert into known_artifact values ($1, $2, $3, 'text/csv', $4, $5)`, [
      ...[id(name), ACME, name, size, sha(name)],
    ]);
    await runner.query(
      `insert into node_description values ($1, 1, $2, jsonb_build_object('sha256', $3::text))`,
      [...[`artifact/${id(name)}`, name, sha(name)]],
    );
  }
  for (let round = 0; round < 2; round += 1) {
    await migration.up(runner);
    expect(
      await runner.query(
        `select name, facts -> 'bytes' as bytes, described_by = 'artifact/' || (facts ->> 'artifactId') as described from node order by id`,
      ),
    ).toEqual([
      { name: 'tides', bytes: 7, described: true },
      { name: 'grid', bytes: 42, described: true },
      { name: 'unknown', bytes: null, described: true },
    ]);
    expect(
      await runner.query(`select name, facts -> 'bytes' as bytes from node_description order by name`),
    ).toEqual([
      { name: 'grid', bytes: 42 },
      { name: 'tides', bytes: 7 },
    ]);
    if (round === 0) await migration.down(runner);
  }
  await runner.release();
  await database.close();
});
