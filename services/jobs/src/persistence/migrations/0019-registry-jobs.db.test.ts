import { expect, it } from 'vitest';
import type { JobFilter, JobOrder } from '../../application/job-list.js';
import { failed, startEngine, succeeded } from '../../testing/engine.js';
import { disagreements } from '../../testing/engine-tables.js';
import { RegistryJobs1763000000019 } from './0019-registry-jobs.js';

it('jobs from before it are listed as they were, back and forth', async () => {
  const engine = await startEngine();
  for (const name of ['good', 'bad']) await engine.submit({ name });
  for (const one of await engine.claim())
    await engine.report(one, 'FINISHED', [
      one.jobName === 'good' ? succeeded(0) : failed(0, 'SERVICE_EXCEPTION', false),
    ]);
  await engine.submit({ name: 'open' });
  const found = (filter: JobFilter, order: JobOrder) =>
    engine.reader.jobs(engine.user, filter, { first: 5, after: undefined }, order);
  const lists = async () => [
    await found({}, 'NEWEST'),
    await found({ states: ['PENDING'] }, 'NEWEST'),
    await found({ states: ['FAILED'] }, 'NEWEST'),
    await found({ states: ['FAILED'] }, 'LAST_ENDED'),
    await found({}, 'LAST_ENDED'),
    await found({ dead: true }, 'LAST_ENDED'),
  ];
  const before = await lists();
  expect(before.map(({ rows }) => rows.length)).toEqual([3, 1, 1, 1, 2, 1]);
  const migration = new RegistryJobs1763000000019();
  const runner = engine.database.dataSource.createQueryRunner();
  await migration.down(runner);
  await migration.up(runner);
  await runner.release();
  expect(await lists()).toEqual(before);
  expect(await disagreements(engine)).toEqual([]);
});
