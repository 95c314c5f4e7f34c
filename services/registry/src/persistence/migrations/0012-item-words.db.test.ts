import { testDatabase } from '@weft/testkit';
import { expect, it } from 'vitest';
import { registryDatabase } from '../../context.js';
import { itemSteps, MODEL } from '../../testing/item-steps.js';
import { aWorld } from '../../testing/world.js';
import { ItemWords1700000012000 } from './0012-item-words.js';

it('gives what was there the words that it would be written with, back and forth', async () => {
  const database = await testDatabase(registryDatabase);
  await aWorld(database);
  const steps = await itemSteps(database);
  await steps.done('createItem', { subtype: 'MODEL', tags: ['early'] });
  // In the order in which PostgreSQL keeps them: it is that of the words.
  const { name, sourceUrl, documentationUrl } = MODEL;
  const metadata = { name, sourceUrl, description: 'Simulations of the reef.', documentationUrl };
  await steps.done('createItem', { subtype: 'MODEL', metadata });
  const words = () => database.query('select name, search from node order by id');
  const written = await words();
  const migration = new ItemWords1700000012000();
  const runner = database.dataSource.createQueryRunner();
  await migration.down(runner);
  const before = await words();
  expect(before).not.toEqual(written);
  for (let round = 0; round < 2; round += 1) {
    await migration.up(runner);
    expect(await words()).toEqual(written);
    await migration.down(runner);
    expect(await words()).toEqual(before);
  }
  await runner.release();
  await database.close();
});
