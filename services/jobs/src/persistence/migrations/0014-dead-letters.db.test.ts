import { beforeAll, expect, it } from 'vitest';
import { cancelJob } from '../../application/cancel-job.js';
import { retryJob } from '../../application/retry-job.js';
import { failed, startEngine, succeeded, type Engine } from '../../testing/engine.js';
import { DeadLetters1763000000014 } from './0014-dead-letters.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

it('finds the jobs that failed before there was a list of them, and none that somebody dealt with', async () => {
  const [dead, retried, fine, stopped] = await Promise.all([1, 2, 3, 4].map(() => engine.submit()));
  await cancelJob(engine.ports, engine.user, stopped!);
  for (const attempt of await engine.claim())
    await engine.report(attempt, 'FINISHED', [attempt.jobId === fine ? succeeded(0) : failed(0)]);
  await retryJob(engine.ports, engine.user, 'c', retried!, 'ALL');
  const list = () => engine.database.query('select job_id as id from dead_job');
  expect(await list()).toEqual([{ id: dead }]);
  const migration = new DeadLetters1763000000014();
  const runner = engine.database.dataSource.createQueryRunner();
  await migration.down(runner);
  await migration.up(runner);
  await runner.release();
  expect(await list()).toEqual([{ id: dead }]);
});
