import { testDatabase } from '@weft/testkit';
import { expect, it } from 'vitest';
import { createRegistryParts, registryDatabase } from '../../context.js';
import { aSucceededJob } from '../../testing/finished-jobs.js';
import { CompleteLineage1700000015000 } from './0015-complete-lineage.js';

it('says of jobs that are there what it says of new ones, back and forth', async () => {
  const database = await testDatabase(registryDatabase);
  const job = aSucceededJob('make');
  await createRegistryParts(database).recordFinishedJobs('test', [{ messageId: 'make', job }]);
  // Lodged by a record, and by an imported one beside it.
  await database.query(`
    insert into record (public_id, organization_id, kind, name, lodged_by, readers, statements, document, notation)
    select gen_random_uuid(), organization_id, told, told, gen_random_uuid(), '{}', statements, document, notation
    from node, (values ('MODEL_RUN', null, null, null), ('IMPORT', 1, 'x'::bytea, 'PROV_N'))
      as told (told, statements, document, notation)
    where node.subtype = 'JOB'`);
  const edges = () =>
    database.query('select src, dst, relation, role, organization_id from edge order by 1, 2, 3, 4');
  const said = () =>
    database.query('select record, src, dst, relation, role from record_edge order by 1, 2, 3, 4, 5');
  const told = await edges();
  expect(told).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ relation: 'WAS_ASSOCIATED_WITH', role: 'on behalf of' }),
      expect.objectContaining({ relation: 'ACTED_ON_BEHALF_OF', role: 'within activities' }),
    ]),
  );
  const runner = database.dataSource.createQueryRunner();
  const migration = new CompleteLineage1700000015000();
  await migration.down(runner);
  expect(await edges()).not.toEqual(told);
  await database.query(`insert into record_edge (record, src, dst, relation, role, detail)
    select record.id, e.src, e.dst, e.relation, e.role, jsonb_build_object('activity', job.public_id)
    from record, edge e join node delegate on delegate.id = e.src and delegate.subtype = 'USER', node job
    where e.relation = 'ACTED_ON_BEHALF_OF' and job.subtype = 'JOB'`);
  await migration.up(runner);
  const kinds = (rows: readonly object[]) => rows.map((row) => Object.values(row).slice(1).join(' '));
  const imported = (await edges()).filter((edge) => !kinds(told).includes(kinds([edge])[0] as string));
  expect(imported).toMatchObject([{ relation: 'ACTED_ON_BEHALF_OF', role: '' }]);
  expect((await said()).map((row) => (row as { role: string }).role).sort()).toEqual([
    '',
    'on behalf of',
    'within activities',
  ]);
  await migration.down(runner);
  expect(await said()).toMatchObject([{ role: '' }, { role: '' }]);
  await migration.up(runner);
  await runner.release();
  await database.close();
});
