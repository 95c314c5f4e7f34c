// Parts are killed in the middle: nothing is lost, nothing doubled, and who watches misses nothing.
// Leases are short here, so that every point is reached; the outage of the broker is a real minute.
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { takePort } from './testing/broker-outage.js';
import { expectSoundHistory, jobsDatabase } from './testing/sound-history.js';
import { startWeft, type Weft } from './testing/weft.js';
import {
  causesOf,
  finish,
  publishService,
  seqsOf,
  startedJob,
  submitJob,
  upTo,
  watchJob,
} from './testing/work.js';

const SHORT = { JOBS_LEASE: '3s', JOBS_START_LEASE: '2s', JOBS_SWEEP: '200ms', JOBS_BACKOFF: '100ms' };
const SLEEPER = `export const run = async (data) => { await new Promise((r) => setTimeout(r, data.ms)); return 'slept ' + data.ms; };`;

afterAll(closeClients);

describe('with parts killed under load', () => {
  let weft: Weft;
  let client: GraphClient;
  let sleeper: string;

  beforeAll(async () => {
    weft = await startWeft({ env: SHORT });
    client = graphClient(weft.url, weft.token);
    sleeper = await publishService(client, 'sleeper.mjs', SLEEPER);
  }, 90_000);

  it('a killed worker costs one attempt, and the job runs again in seconds', async () => {
    const { id, live } = await startedJob(client, sleeper, 1_500);
    const began = Date.now();
    await weft.killAndAwaitRestart((run) => run.workers[0]?.pid ?? null);
    await eventually(
      'the second attempt',
      () => causesOf(live).filter((cause) => cause === 'STARTED').length === 2,
      30_000,
    );
    expect(Date.now() - began).toBeLessThan(15_000);
    await live.ended;
    expect(causesOf(live)).toEqual([
      'SUBMITTED',
      'CLAIMED',
      'STARTED',
      'LEASE_LOST',
      'CLAIMED',
      'STARTED',
      'SUCCEEDED',
    ]);
    expect(seqsOf(live)).toEqual(upTo(7));
    const job = await finish(client, id);
    expect(job.attempts.map((attempt) => attempt.outcome)).toEqual(['SUCCEEDED', 'LOST']);
    await expectSoundHistory(weft);
  }, 60_000);

  it('a job that kills its workers ends FAILED after three', async () => {
    const { id, live } = await startedJob(client, sleeper, 60_000);
    for (let loss = 1; loss <= 3; loss++) {
      await eventually(
        'the start',
        () => causesOf(live).filter((cause) => cause === 'STARTED').length === loss,
        20_000,
      );
      await weft.killAndAwaitRestart((run) => run.workers[0]?.pid ?? null);
    }
    await live.ended;
    const job = await finish(client, id);
    expect(job).toMatchObject({ state: 'FAILED', error: { code: 'WORKER_LOST' } });
    expect(job.attempts).toHaveLength(3);
  }, 90_000);

  it('killed jobs services cost no running job its attempt, and a live field no transition', async () => {
    const running = await Promise.all([1, 2, 3].map(() => startedJob(client, sleeper, 4_000)));
    await weft.killAndAwaitRestart((run) => run.subgraphs.jobs.pid);
    for (const { id, live } of running) {
      await live.ended;
      expect(seqsOf(live)).toEqual(upTo(4));
      const job = await finish(client, id);
      expect(job).toMatchObject({ state: 'SUCCEEDED', result: 'slept 4000' });
      expect(job.attempts).toHaveLength(1);
    }
    await expectSoundHistory(weft);
  }, 60_000);

  it('a killed gateway costs its subscribers nothing: they resume by `after` without a gap', async () => {
    const running = await Promise.all(Array.from({ length: 4 }, () => startedJob(client, sleeper, 6_000)));
    await weft.killAndAwaitRestart((run) => run.gateway.pid);
    for (const { live } of running) await expect(live.ended).rejects.toThrow();
    await eventually('the gateway', async () => (await fetch(`${weft.url}/readyz`)).status === 200, 20_000);
    const returned = graphClient(weft.url, weft.token);
    for (const { id, live } of running) {
      const last = seqsOf(live).at(-1) ?? 0;
      const resumed = watchJob(returned, id, last);
      await resumed.ended;
      expect([...seqsOf(live), ...seqsOf(resumed)]).toEqual(upTo(4));
      expect(resumed.payloads.at(-1)?.jobChanged.job.state).toBe('SUCCEEDED');
    }
    client = returned;
    await expectSoundHistory(weft);
  }, 60_000);

  it('a minute without the broker costs no running job its attempt, and submitting goes on', async () => {
    const short = await startedJob(client, sleeper, 5_000);
    const long = await startedJob(client, sleeper, 62_000);
    const { nats } = weft.run();
    const squatter = await takePort(nats.port, nats.pid);
    const began = Date.now();
    await eventually(
      'the outage noticed',
      async () =>
        (await fetch(`${weft.run().subgraphs.jobs.url.replace('/graphql', '/readyz')}`)).status === 503,
    );
    const meanwhile = await submitJob(client, { serviceVersionId: sleeper, data: { ms: 10 } });
    const cancelled = await submitJob(client, { serviceVersionId: sleeper, data: { ms: 10 } });
    await client.mutate(
      `mutation($input: CancelJobInput!) { cancelJob(input: $input) { job { id } userErrors { code message } } }`,
      { id: cancelled },
    );
    const { job } = await client.query<{ job: { state: string } }>(
      `query($id: ID!) { job(id: $id) { state } }`,
      { id: cancelled },
    );
    expect(job.state).toBe('CANCELLED');
    await sleep(60_000 - (Date.now() - began));
    squatter.close();
    for (const { id, live } of [short, long]) {
      await live.ended;
      expect(seqsOf(live)).toEqual(upTo(4));
      const ended = await finish(client, id);
      expect(ended.state).toBe('SUCCEEDED');
      expect(ended.attempts).toHaveLength(1);
    }
    expect((await finish(client, meanwhile)).state).toBe('SUCCEEDED');
    await expectSoundHistory(weft);
    await eventually(
      'provenance of what ran meanwhile',
      async () => {
        const { job: recorded } = await client.query<{ job: { provenance: unknown } }>(
          `query($id: ID!) { job(id: $id) { provenance { activity { id } } } }`,
          { id: meanwhile },
        );
        return recorded.provenance !== null;
      },
      30_000,
    );
  }, 150_000);

  it('SIGKILL of everything is survived by what was accepted', async () => {
    const waiting = await submitJob(client, { serviceVersionId: sleeper, data: { ms: 3_000 } });
    const { run, data } = weft;
    const { supervisor, gateway, subgraphs, workers, nats, postgres } = run();
    for (const pid of [
      supervisor.pid,
      gateway.pid,
      ...Object.values(subgraphs).map((part) => part.pid),
      ...workers.map((worker) => worker.pid),
      nats.pid,
      postgres.pid,
    ]) {
      if (pid !== null) process.kill(pid, 'SIGKILL');
    }
    await weft.stop('SIGKILL');
    const again = await startWeft({ env: SHORT, data });
    expect(again.token).toBe(weft.token);
    const job = await finish(graphClient(again.url, again.token), waiting);
    expect(job).toMatchObject({ state: 'SUCCEEDED', result: 'slept 3000' });
    await expectSoundHistory(again);
    expect(await again.stop('SIGINT')).toBe(0);
  }, 90_000);
});

describe('between commit and relay', () => {
  it('a killed jobs service leaves the outbox row, and its successor sends it', async () => {
    const weft = await startWeft({ env: { ...SHORT, WEFT_SYNC_POINTS: 'jobs-relay-before-publish=kill' } });
    const client = graphClient(weft.url, weft.token);
    const sleeper = await publishService(client, 'sleeper.mjs', SLEEPER);
    const pid = weft.run().subgraphs.jobs.pid;
    const database = await jobsDatabase(weft);
    const input = { serviceVersionId: sleeper, data: { ms: 100 }, idempotencyKey: 'once' };
    // The answer may or may not get out before the process dies; the job is accepted either way.
    const first = submitJob(client, input).catch(() => undefined);
    const unsent = await eventually('the unsent row', async () => {
      const { rows } = await database.query<{ source: string }>(
        `select source from outbox where source is not null`,
      );
      return weft.run().subgraphs.jobs.pid !== pid && rows.length > 0 ? rows : undefined;
    });
    await database.end();
    expect(unsent).toHaveLength(1);
    await first;
    await eventually(
      'the restarted service',
      async () => (await fetch(`${weft.url}/readyz`)).status === 200,
      30_000,
    );
    const id = await submitJob(client, input);
    expect(unsent[0]?.source).toContain(id);
    const job = await finish(client, id);
    expect(job).toMatchObject({ state: 'SUCCEEDED' });
    expect(job.attempts).toHaveLength(1);
    await expectSoundHistory(weft);
  }, 120_000);

  it.each(['after-claim', 'mid-run', 'before-report', 'after-report'])(
    'a worker killed at "%s" loses nothing and doubles nothing',
    async (point) => {
      const weft = await startWeft({ env: { ...SHORT, WEFT_SYNC_POINTS: `${point}=kill` } });
      const client = graphClient(weft.url, weft.token);
      const sleeper = await publishService(client, 'sleeper.mjs', SLEEPER);
      const ids = await Promise.all(
        [1, 2, 3, 4].map((n) => submitJob(client, { serviceVersionId: sleeper, data: { ms: n * 50 } })),
      );
      for (const id of ids) {
        const job = await finish(client, id);
        expect(job.state).toBe('SUCCEEDED');
        expect(job.attempts.length).toBeLessThanOrEqual(2);
        expect(job.attempts.filter((attempt) => attempt.outcome === 'SUCCEEDED')).toHaveLength(1);
      }
      await expectSoundHistory(weft);
      await weft.stop();
    },
    120_000,
  );
});
