import { testDatabase } from '@weft/testkit';
import { expect, it } from 'vitest';
import { registryDatabase } from '../../context.js';
import { itemSteps } from '../../testing/item-steps.js';
import { OrdersAndEnds1700000021000 } from './0021-orders-and-ends.js';

it('orders what was registered before as what is registered from now on', async () => {
  const database = await testDatabase(registryDatabase);
  const { aModel, done } = await itemSteps(database);
  const first = await aModel({ name: 'Zebra' });
  await aModel({ name: 'Ant' });
  await done('lockItem', { id: first.id, reason: 'test' });
  const runner = database.dataSource.createQueryRunner();
  const places = async (): Promise<unknown> =>
    runner.query(
      `select r.principal, r.node, r.name, r.updated_at, coalesce(n.updated_at, n.created_at) as "ofNode"
       from item_reader r join node n on n.id = r.node order by r.node, r.principal`,
    );
  const known = await places();
  expect(known).toMatchObject([{ name: 'zebra' }, { name: 'ant' }]);
  const migration = new OrdersAndEnds1700000021000();
  await migration.down(runner);
  await migration.up(runner);
  expect(await places()).toEqual(known);
  await runner.release();
  await database.close();
});
