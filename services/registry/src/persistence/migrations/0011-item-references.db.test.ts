import { testDatabase } from '@weft/testkit';
import { expect, it } from 'vitest';
import { registryDatabase } from '../../context.js';
import { itemSteps } from '../../testing/item-steps.js';
import { aDatasetOf, sampleMetadata } from '../../testing/sample-metadata.js';
import { ItemReferences1700000011000 } from './0011-item-references.js';

it('knows what named what before as what is written knows it: each item once, however it is named', async () => {
  const database = await testDatabase(registryDatabase);
  const { done } = await itemSteps(database);
  const organisation = () =>
    done('createItem', { subtype: 'ORGANISATION', metadata: sampleMetadata('ORGANISATION') });
  const [first, second] = [await organisation(), await organisation()];
  const named = (...names: readonly [string, string]) => {
    const dataset = aDatasetOf(names[0]);
    return { ...dataset, datasetInfo: { ...(dataset['datasetInfo'] as object), publisherId: names[1] } };
  };
  const datasets = [
    await done('createItem', { subtype: 'DATASET', metadata: named(first.id, second.pid) }),
    await done('createItem', { subtype: 'DATASET', metadata: named(first.id.toUpperCase(), first.pid) }),
    await done('createItem', { subtype: 'DATASET', metadata: named(first.id, second.id) }),
  ];
  const changed = { metadata: named(first.pid, first.id), reason: 'It was wrong.' };
  await done('editItem', { id: datasets[2]?.id, ...changed });
  await done('editItem', { id: datasets[1]?.id, metadata: named(second.id, first.id), reason: 'More.' });

  const migration = new ItemReferences1700000011000();
  const runner = database.dataSource.createQueryRunner();
  const references = async (): Promise<unknown> =>
    runner.query(
      `select node.public_id as item, array_agg(target.public_id order by target.id) as names
       from item_reference r join node on node.id = r.node join node target on target.id = r.target
       group by node.id order by node.id`,
    );
  const known = [
    { item: datasets[0]?.id, names: [first.id, second.id] },
    { item: datasets[1]?.id, names: [first.id, second.id] },
    { item: datasets[2]?.id, names: [first.id] },
  ];
  expect(await references()).toEqual(known);
  await migration.down(runner);
  await migration.up(runner);
  expect(await references()).toEqual(known);
  await runner.release();
  await database.close();
});
