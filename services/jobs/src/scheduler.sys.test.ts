// Schedulers as processes of their own, killed by SIGKILL between a planned time and its job.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { newSecretsKey } from '@weft/secrets';
import { eventually, testIdentity } from '@weft/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEngine, type Engine } from './testing/engine.js';
import { aDefinition, aSchedule } from './testing/stored-jobs.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const HOUR = 3_600_000;

let engine: Engine;
let jwks: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  engine = await startEngine();
  jwks = (await testIdentity()).jwks;
});
afterAll(async () => {
  for (const child of children.filter((one) => one.exitCode === null && one.signalCode === null)) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/** A jobs service without a broker: schedules are decided all the same. */
function startService(syncPoints: string): ChildProcess {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      DATABASE_URL: engine.database.url,
      NATS_URL: 'nats://127.0.0.1:1',
      NATS_USER: 'jobs',
      NATS_PASSWORD: 'none',
      ACTOR_JWKS: jwks,
      SECRETS_KEY: newSecretsKey(),
      LOG_LEVEL: 'silent',
      JOBS_SCHEDULE: '50ms',
      WEFT_SYNC_POINTS: syncPoints,
    },
    stdio: 'ignore',
  });
  children.push(child);
  return child;
}

const count = async (text: string): Promise<number> =>
  (await engine.database.query<{ n: number }>(`select count(*) as n from ${text}`))[0]?.n ?? 0;

it('every planned time starts one job, whenever schedulers are killed', async () => {
  const definitionId = await aDefinition(engine, { name: 'killed' });
  const ids = await Promise.all(
    Array.from({ length: 4 }, () => aSchedule(engine, definitionId, { missed: 'ALL', missedLimit: 3 })),
  );
  const due = Math.floor(Date.now() / HOUR) * HOUR;
  await engine.database.query('update schedule set decided_until = $1, next_run_at = $2', [
    new Date(due - 2 * HOUR - 1),
    new Date(due - 2 * HOUR),
  ]);
  const started = `schedule_slot where outcome = 'STARTED'`;
  // The first dies with its transaction open: nothing of it stays.
  const [code, signal] = (await once(startService('jobs-slot-taken=kill'), 'exit')) as [
    number | null,
    string | null,
  ];
  expect([code, signal]).toEqual([null, 'SIGKILL']);
  expect([await count(started), await count('job')]).toEqual([0, 0]);
  // The second dies with its second one open, and the third right after all are committed.
  await once(startService('jobs-slot-taken=kill#2'), 'exit');
  expect([await count(started), await count('job')]).toEqual([3, 3]);
  await once(startService('jobs-slot-committed=kill'), 'exit');
  // Two at once then find nothing more to do.
  startService('');
  startService('');
  await eventually('every schedule to be decided', async () =>
    (await count(`schedule where next_run_at > '${new Date(due).toISOString()}'`)) === ids.length
      ? true
      : undefined,
  );
  expect([await count(started), await count('job')]).toEqual([12, 12]);
  expect(await count(`(select distinct schedule_id, planned_for, job_id from schedule_slot) x`)).toBe(12);
  expect(await count('job where planned_for is not null and definition_id is not null')).toBe(12);
}, 60_000);
