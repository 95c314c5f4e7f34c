// The compiled service, killed between the answer of a receiver and the record of it, and started again.
import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { eventually, testIdentity, whenFileEnds } from '@weft/testkit';
import { expect, it } from 'vitest';
import { cancelJob } from './application/cancel-job.js';
import { startEngine, TEST_SECRETS_KEY } from './testing/engine.js';
import { startReceiver, verified } from './testing/receiver.js';

const MAIN = resolve(import.meta.dirname, '../dist/main.js');

it('a service killed between sending and recording sends again, under the same id', async () => {
  const engine = await startEngine();
  const receiver = await startReceiver();
  const { jwks } = await testIdentity();
  const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
  const id = await engine.submit({ webhook: { url: receiver.url, secret } });
  await cancelJob(engine.ports, engine.user, id);

  const start = (
    env: Record<string, string>,
  ): { child: ChildProcess; exited: Promise<string | number | null> } => {
    const child = spawn(process.execPath, [MAIN], {
      env: {
        PATH: process.env['PATH'],
        DATABASE_URL: engine.database.url,
        // Nothing is there: neither taking nor sending nor recording needs the broker.
        NATS_URL: 'nats://127.0.0.1:1',
        ACTOR_JWKS: jwks,
        LOG_LEVEL: 'silent',
        SECRETS_KEY: TEST_SECRETS_KEY,
        JOBS_WEBHOOK_HTTP: 'on',
        JOBS_WEBHOOK_PRIVATE: 'on',
        JOBS_WEBHOOK_POLL: '100ms',
        JOBS_WEBHOOK_TIMEOUT: '500ms',
        ...env,
      },
      stdio: 'ignore',
    });
    const exited = new Promise<string | number | null>((done) =>
      child.once('exit', (code, signal) => done(signal ?? code)),
    );
    whenFileEnds(async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
    });
    return { child, exited };
  };

  const first = start({ WEFT_SYNC_POINTS: 'jobs-webhook-sent=kill' });
  expect(await first.exited).toBe('SIGKILL');
  expect(receiver.received).toHaveLength(1);

  const second = start({});
  const state = async () =>
    (
      await engine.database.query<{ state: string; tries: number }>(`select state, tries from job_webhook`)
    )[0];
  await eventually('delivered', async () => (await state())?.state === 'DELIVERED');
  expect(await state()).toEqual({ state: 'DELIVERED', tries: 2 });
  expect(receiver.received).toHaveLength(2);
  expect(receiver.received[1]).toMatchObject({
    id: receiver.received[0]?.id,
    body: receiver.received[0]?.body,
  });
  for (const one of receiver.received) expect(await verified(one, secret)).toBe(true);
  second.child.kill('SIGTERM');
  expect(await second.exited).toBe(0);
});
