import { testDatabase } from '@weft/testkit';
import { expect, it } from 'vitest';
import { registryDatabase } from '../../context.js';
import { ACME, id } from '../../testing/finished-jobs.js';
import { Imports1700000007000 } from './0007-imports.js';

it('keeps the records that were there, back and forth', async () => {
  const database = await testDatabase(registryDatabase);
  const migration = new Imports1700000007000();
  const runner = database.dataSource.createQueryRunner();
  await migration.down(runner);
  await runner.query(
    `insert into record (public_id, organization_id, kind, name, lodged_by, readers) values ($1, $2, 'CREATE', 'r', $1, '{}')`,
    [id('record'), ACME],
  );
  await migration.up(runner);
  await expect(runner.query(`update record set kind = 'IMPORT'`)).rejects.toThrow('record_imported');
  await migration.down(runner);
  expect(await runner.query('select name from record')).toEqual([{ name: 'r' }]);
  await migration.up(runner);
  await runner.release();
  await database.close();
});
