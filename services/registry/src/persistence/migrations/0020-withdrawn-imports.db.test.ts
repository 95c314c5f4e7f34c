import { testDatabase } from '@weft/testkit';
import { expect, it } from 'vitest';
import { registryDatabase } from '../../context.js';
import { ACME, id } from '../../testing/finished-jobs.js';
import { WithdrawnImports1700000020000 } from './0020-withdrawn-imports.js';

it('keeps the records that were there, back and forth, and takes a withdrawal whole and of imports only', async () => {
  const database = await testDatabase(registryDatabase);
  const migration = new WithdrawnImports1700000020000();
  const runner = database.dataSource.createQueryRunner();
  await migration.down(runner);
  await runner.query(
    `insert into record (public_id, organization_id, kind, name, lodged_by, readers, statements, notation, document)
     values ($1, $3, 'IMPORT', 'i', $3, '{}', 1, 'PROV_N', 'x'), ($2, $3, 'CREATE', 'c', $3, '{}', null, null, null)`,
    [id('import'), id('create'), ACME],
  );
  await migration.up(runner);
  const withdraw = (kind: string, reason: string | null) =>
    runner.query(
      `update record set withdrawn_at = now(), withdrawn_by = organization_id, withdrawal_reason = $2 where kind = $1`,
      [kind, reason],
    );
  await expect(withdraw('IMPORT', null)).rejects.toThrow('record_withdrawn');
  await expect(withdraw('CREATE', 'why')).rejects.toThrow('record_withdrawn');
  await withdraw('IMPORT', 'why');
  await migration.down(runner);
  expect(await runner.query('select name from record order by 1')).toEqual([{ name: 'c' }, { name: 'i' }]);
  await migration.up(runner);
  await runner.release();
  await database.close();
});
