// What everything stands on goes away and comes back: PostgreSQL restarted under load, the broker away for longer than it
// remembers message ids, and without its files. Jobs that ran meanwhile end on their first attempt.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { armedBy, killAt } from './testing/armed-points.js';
import { takePort } from './testing/broker-outage.js';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { expectSoundHistory } from './testing/sound-history.js';
import { newDataFolder, startWeft, type Weft } from './testing/weft.js';
import { finish, publishService, startedJob, submitJob } from './testing/work.js';

const WINDOW_MS = 1_000;
const SETTINGS = {
  JOBS_LEASE: '5s',
  JOBS_START_LEASE: '4s',
  JOBS_SWEEP: '200ms',
  JOBS_BACKOFF: '100ms',
  EVENT_DUPLICATE_WINDOW: `${WINDOW_MS}ms`,
};
const SLEEPER = `export const run = async (data) => { await new Promise((r) => setTimeout(r, data.ms)); return 'slept ' + data.ms; };`;

let weft: Weft;
let client: GraphClient;
let sleeper: string;

beforeAll(async () => {
  const data = newDataFolder();
  weft = await startWeft({ data, env: { ...SETTINGS, WEFT_SYNC_POINTS: armedBy(data) } });
  client = graphClient(weft.url, weft.token);
  sleeper = await publishService(client, 'sleeper.mjs', SLEEPER);
}, 90_000);
afterAll(closeClients);

const running = (ms: number): Promise<string[]> =>
  Promise.all([1, 2, 3].map(async () => (await startedJob(client, sleeper, ms)).id));

/** A client that asks again under the same key until it is answered. */
const submitSurely = (key: string): Promise<string> =>
  eventually(
    'an accepted job',
    () => submitJob(client, { serviceVersionId: sleeper, data: { ms: 10 }, idempotencyKey: key }),
    30_000,
  );

async function expectFirstAttempts(ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const job = await eventually('the end of the job', () => finish(client, id), 40_000);
    expect([job.state, job.attempts.map((attempt) => attempt.outcome)]).toEqual(['SUCCEEDED', ['SUCCEEDED']]);
  }
  await eventually('an end to everything', async () => (await expectSoundHistory(weft), true), 20_000);
}

/** Each job has one activity in provenance, whatever was told again. */
async function expectProvenance(ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await eventually(
      'provenance',
      async () => {
        const { job } = await client.query<{ job: { provenance: unknown } }>(
          `query($id: ID!) { job(id: $id) { provenance { activity { id } } } }`,
          { id },
        );
        return job.provenance !== null;
      },
      30_000,
    );
  }
}

describe('PostgreSQL', () => {
  it.each(['SIGKILL', 'SIGINT'] as const)(
    'ended by %s under load costs no running job its attempt, and no accepted job',
    async (signal) => {
      const before = await running(4_000);
      const pid = weft.run().postgres.pid;
      if (pid === null) throw new Error('PostgreSQL does not run');
      const meanwhile = Array.from({ length: 30 }, async (_, n) => {
        await sleep(n * 30);
        return submitSurely(`${signal} ${n}`);
      });
      await sleep(300);
      process.kill(pid, signal);
      const accepted = await Promise.all(meanwhile);
      expect(new Set(accepted).size).toBe(accepted.length);
      expect(weft.run().postgres.pid).not.toBe(pid);
      await expectFirstAttempts([...before, ...accepted]);
    },
    90_000,
  );
});

describe('the broker', () => {
  const outage = async (ms: number, during = (): void => undefined): Promise<string[]> => {
    const { nats } = weft.run();
    const squatter = await takePort(nats.port, nats.pid);
    during();
    const meanwhile = [await submitSurely(`${nats.pid} 1`), await submitSurely(`${nats.pid} 2`)];
    await sleep(ms);
    squatter.close();
    return meanwhile;
  };

  it('away for longer than it remembers message ids costs nothing', async () => {
    const before = await running(5_000);
    const ids = [...before, ...(await outage(4 * WINDOW_MS))];
    await expectFirstAttempts(ids);
    await expectProvenance(ids);
  }, 90_000);

  it('hears twice what was published and not deleted before it forgot, and nobody minds', async () => {
    let id = '';
    await killAt(
      weft,
      'jobs-relay-after-publish=kill',
      (run) => run.subgraphs.jobs.pid,
      async () => {
        id = await submitSurely('published twice');
      },
    );
    await expectFirstAttempts([id]);
    await expectProvenance([id]);
  }, 90_000);

  it('without its files is told everything again, and running jobs go on', async () => {
    const before = await running(6_000);
    const ids = [
      ...before,
      ...(await outage(2 * WINDOW_MS, () =>
        rmSync(join(weft.data, 'nats'), { recursive: true, force: true }),
      )),
    ];
    await expectFirstAttempts(ids);
    await expectProvenance(ids);
  }, 90_000);
});
