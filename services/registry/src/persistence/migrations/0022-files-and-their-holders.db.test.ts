import type { DatasetFileChanged } from '@weft/contracts';
import { testDatabase } from '@weft/testkit';
import { expect, it } from 'vitest';
import { createRegistryParts, registryDatabase } from '../../context.js';
import { ACME, anOutcome, aSucceededJob, id, RIVAL, sha } from '../../testing/finished-jobs.js';
import { aMember, itemSteps } from '../../testing/item-steps.js';
import { aDatasetOf } from '../../testing/sample-metadata.js';
import { FilesAndTheirHolders1700000022000 } from './0022-files-and-their-holders.js';

const EVE = aMember('eve', 'MAINTAINER', [RIVAL]);

it('gives a result that was registered before datasets held data its file, once, and says who may read it', async () => {
  const database = await testDatabase(registryDatabase);
  const parts = createRegistryParts(database);
  const steps = await itemSteps(database);
  const organisation = await steps.done('createItem', {
    subtype: 'ORGANISATION',
    metadata: { name: 'Reefs' },
  });
  const metadata = aDatasetOf(organisation.id);
  await parts.dataPoolNews.keepArtifact({
    ...{ artifactId: id('file'), organizationId: ACME, name: 'result.json', kind: 'RESULT' },
    ...{ mediaType: 'application/json', size: 7, sha256: sha('file') },
  });
  const outcomes = [anOutcome(0, { resultArtifactId: id('file'), resultSha256: sha('file') })];
  const job = aSucceededJob('old', { outcomes });
  await parts.recordFinishedJobs('test', [{ messageId: 'old', job }]);
  const item = await steps.done('registerJobResult', { jobId: id('old'), metadata });
  const bare = await steps.done('createItem', { subtype: 'DATASET', metadata });
  const grants = [{ kind: 'USER', principalId: EVE.id, roles: ['DATA_READ'] }];
  await steps.done('setItemAccess', { id: item.id, grants });

  const runner = database.dataSource.createQueryRunner();
  const migration = new FilesAndTheirHolders1700000022000();
  await migration.down(runner);
  // As it was registered then.
  await runner.query('alter table item_data disable trigger item_data_kept');
  await runner.query('delete from item_data');
  await runner.query('alter table item_data enable trigger item_data_kept');
  await runner.query('delete from outbox');
  const told = async (): Promise<DatasetFileChanged[]> =>
    (
      (await runner.query(
        `select body -> 'payload' as payload from outbox where body ->> 'type' = 'dataset-file-changed'`,
      )) as { payload: DatasetFileChanged }[]
    ).map(({ payload }) => payload);
  for (let round = 0; round < 2; round += 1) {
    await migration.up(runner);
    expect(await told()).toEqual([
      {
        ...{
          itemId: item.id,
          seq: 2,
          organizationId: ACME,
          artifactId: id('file'),
          size: 7,
          sha256: sha('file'),
        },
        ...{ held: true, dataReaders: expect.arrayContaining([EVE.id]) },
      },
    ]);
    expect(await runner.query('select id, job_id from known_artifact')).toEqual([
      { id: id('file'), job_id: id('old') },
    ]);
    expect(await steps.item(item.id, 'artifact { id }', EVE)).toEqual({ artifact: { id: id('file') } });
    if (round === 0) await migration.down(runner);
  }
  // One that never had a file gets one as a new one does.
  const set = { id: bare.id, data: { artifactId: id('file') } };
  expect(await steps.done('setDatasetData', set, undefined, 'artifact { id }')).toEqual({
    artifact: { id: id('file') },
  });
  await runner.release();
  await database.close();
});
