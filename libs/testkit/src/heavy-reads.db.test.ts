import { beforeAll, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from './test-database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase({ applicationName: 'heavy', entities: [], migrations: [] });
});

it('ends a read that takes longer than it may, and says so by a code of its own', async () => {
  await expect(database.heavy.query('select pg_sleep(30)')).rejects.toMatchObject({
    code: 'READ_TOO_EXPENSIVE',
  });
  expect(await database.heavy.query('select 1 as one')).toEqual([{ one: 1 }]);
});

it('does not call it so when something else is wrong', async () => {
  await expect(database.heavy.query('select nothing')).rejects.toMatchObject({ code: '42703' });
});
