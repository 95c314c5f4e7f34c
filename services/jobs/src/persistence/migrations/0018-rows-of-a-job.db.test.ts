import { beforeAll, expect, it } from 'vitest';
import { startEngine, succeeded, type Engine } from '../../testing/engine.js';
import { RowsOfAJob1763000000018 } from './0018-rows-of-a-job.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

it('a job takes its rows along, after the step back and forth as well', async () => {
  const [gone, kept] = [await engine.submit(), await engine.submit()];
  for (const attempt of await engine.claim()) await engine.report(attempt, 'FINISHED', [succeeded(0)]);
  const migration = new RowsOfAJob1763000000018();
  const runner = engine.database.dataSource.createQueryRunner();
  await migration.down(runner);
  await migration.up(runner);
  await runner.release();
  await engine.database.query('delete from job where id = $1', [gone]);
  for (const table of ['job_item', 'attempt', 'job_event'])
    expect(await engine.database.query(`select distinct job_id as id from ${table}`)).toEqual([{ id: kept }]);
});
