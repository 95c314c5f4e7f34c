import type { Retell } from '@weft/outbox';
import { testDatabase } from '@weft/testkit';
import { expect, test } from 'vitest';
import { registryDatabase } from './context.js';
import { inTurn, retellDataPoolFiles, retellDataPools } from './retell-data-pools.js';
import { dataPoolSteps } from './testing/data-pool-steps.js';

test('pools and files are told again as they are, also those that are gone', async () => {
  const database = await testDatabase(registryDatabase);
  const steps = await dataPoolSteps(database);
  const kept = await steps.aPool();
  await steps.add(kept, 'kept');
  await steps.add(kept, 'removed');
  await steps.done('removeDataPoolFile', { dataPoolId: kept, name: 'removed' });
  await steps.done('sealDataPool', { id: kept });
  const gone = await steps.aPool();
  await steps.add(gone, 'with it');
  await steps.change('deleteDataPool', { id: gone, reason: 'r' });
  const news = (): Promise<{ body: { payload: Record<string, unknown> } }[]> =>
    database.query('select body from outbox order by id');
  await database.query('delete from outbox');
  const nothing: Retell = () => Promise.resolve(undefined);
  const all = inTurn(nothing, retellDataPools, retellDataPoolFiles);
  let after: string | undefined = '';
  while (after !== undefined) {
    const from: string = after;
    after = await database.transaction((tx) => all(tx, from));
  }
  const told = (await news()).map(({ body: { payload } }) => payload);
  const pools = told.filter((one) => 'dataReaders' in one);
  expect(pools.map((one) => [one['dataPoolId'], one['state']]).toSorted()).toEqual(
    [
      [kept, 'SEALED'],
      [gone, 'DELETED'],
    ].toSorted(),
  );
  const files = told.filter((one) => 'fileId' in one);
  expect(files.map((one) => [one['name'], one['seq'], one['removed']]).toSorted()).toEqual([
    ['kept', 1, false],
    ['removed', 2, true],
    ['with it', 2, true],
  ]);
  await database.close();
});
