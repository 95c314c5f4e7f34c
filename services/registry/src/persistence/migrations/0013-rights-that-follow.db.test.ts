import { testDatabase } from '@weft/testkit';
import { expect, it } from 'vitest';
import { registryDatabase } from '../../context.js';
import { ACME, id } from '../../testing/finished-jobs.js';
import { ADA, aMember, itemSteps } from '../../testing/item-steps.js';
import { RightsThatFollow1700000013000 } from './0013-rights-that-follow.js';

it('knows who decides on the requests that were there, as of those that come', async () => {
  const database = await testDatabase(registryDatabase);
  const steps = await itemSteps(database);
  const grants = [
    { kind: 'ORGANIZATION', principalId: ACME, roles: ['METADATA_READ'] },
    { kind: 'TEAM', principalId: id('team of stewards'), roles: ['ADMIN'] },
  ];
  const item = await steps.done('setItemAccess', { id: (await steps.aModel()).id, grants });
  await steps.ask.data(
    'mutation ($input: RequestItemAccessInput!) { requestItemAccess(input: $input) { requestId } }',
    { input: { id: item.id, roles: ['DATA_READ'], note: 'please' } },
    aMember('victor', 'VIEWER'),
  );
  const deciders = () => database.query('select deciders from item_access_request');
  const written = await deciders();
  expect(written).toEqual([{ deciders: expect.arrayContaining([id('team of stewards')]) as unknown }]);
  const migration = new RightsThatFollow1700000013000();
  const runner = database.dataSource.createQueryRunner();
  await migration.down(runner);
  // As it was before the owner of an item was its activities' owner, too.
  const child = await steps.aModel();
  await database.query(
    `update activity_workflow set activity = (select id from node where public_id = $1)
     where node = (select id from node where public_id = $2)`,
    [child.id, item.id],
  );
  await database.query(
    `update item set owner_id = $1 where node = (select id from node where public_id = $2)`,
    [id('user before'), child.id],
  );
  await migration.up(runner);
  expect(await deciders()).toEqual(written);
  expect(
    await database.query(
      'select owner_id from item where node = (select id from node where public_id = $1)',
      [child.id],
    ),
  ).toEqual([{ owner_id: ADA.id }]);
  await runner.release();
  await database.close();
});
