import { testDatabase } from '@weft/testkit';
import { expect, it } from 'vitest';
import { registryDatabase } from '../../context.js';
import { EVERYONE } from '../../domain/principal.js';
import { ACME } from '../../testing/finished-jobs.js';
import { Items1700000002000 } from './0002-items.js';
import { DatasetData1700000018000 } from './0018-dataset-data.js';
import { ModelRuns1700000005000 } from './0005-model-runs.js';
import { ItemReferences1700000011000 } from './0011-item-references.js';

it('keeps who may see what was recorded before it, back and forth', async () => {
  const database = await testDatabase(registryDatabase);
  const migration = new Items1700000002000();
  const runner = database.dataSource.createQueryRunner();
  const later = [
    new ModelRuns1700000005000(),
    new ItemReferences1700000011000(),
    new DatasetData1700000018000(),
  ];
  for (const one of later.toReversed()) await one.down(runner);
  await migration.down(runner);
  for (const [number, subtype, isPublic] of [
    [1, 'DATASET', false],
    [2, 'SERVICE_VERSION', true],
  ] as const)
    await runner.query(
      `insert into node (public_id, kind, subtype, organization_id, is_public, revision, name, facts)
       values ($1, 'ENTITY', $2, $3, $4, 1, 'tabu search', '{}')`,
      [`00000000-0000-4000-8000-00000000000${number}`, subtype, ACME, isPublic],
    );
  await migration.up(runner);
  const look = (): Promise<unknown> =>
    runner.query(`select subtype, readers from node where search @@ 'tabu'::tsquery order by id`);
  const expected = [
    { subtype: 'DATA', readers: [ACME] },
    { subtype: 'SERVICE_VERSION', readers: [EVERYONE] },
  ];
  expect(await look()).toEqual(expected);
  await migration.down(runner);
  expect(await runner.query('select subtype, is_public from node order by id')).toEqual([
    { subtype: 'DATASET', is_public: false },
    { subtype: 'SERVICE_VERSION', is_public: true },
  ]);
  await migration.up(runner);
  expect(await look()).toEqual(expected);
  for (const one of later) await one.up(runner);
  await runner.release();
  await database.close();
});
