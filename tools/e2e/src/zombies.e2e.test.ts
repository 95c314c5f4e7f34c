// Parts that seem dead and are not: a worker that comes back after its lease, connections cut in the middle, and
// transactions that nobody ends.
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { expectSoundHistory, jobsDatabase } from './testing/sound-history.js';
import { startWeft, type Weft } from './testing/weft.js';
import { causesOf, finish, publishService, seqsOf, startedJob, upTo } from './testing/work.js';

const SHORT = { JOBS_LEASE: '3s', JOBS_START_LEASE: '2s', JOBS_SWEEP: '200ms', JOBS_BACKOFF: '100ms' };
const SLEEPER = `export const run = async (data) => { await new Promise((r) => setTimeout(r, data.ms)); return 'slept ' + data.ms; };`;

afterAll(closeClients);

describe('what is not dead', () => {
  let weft: Weft;
  let client: GraphClient;
  let sleeper: string;

  beforeAll(async () => {
    weft = await startWeft({ env: SHORT });
    client = graphClient(weft.url, weft.token);
    sleeper = await publishService(client, 'sleeper.mjs', SLEEPER);
  }, 90_000);

  it('a worker stopped beyond its lease comes back as a zombie: its late report is refused, the next try counts', async () => {
    const { id, live } = await startedJob(client, sleeper, 1_000);
    const pid = weft.run().workers[0]?.pid;
    if (pid == null) throw new Error('no worker runs');
    process.kill(pid, 'SIGSTOP');
    try {
      await eventually('the lost lease', () => causesOf(live).includes('LEASE_LOST'), 20_000);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await live.ended;
    const job = await finish(client, id);
    expect(job).toMatchObject({ state: 'SUCCEEDED', result: 'slept 1000' });
    expect(job.attempts.map((attempt) => attempt.outcome)).toEqual(['SUCCEEDED', 'LOST']);
    expect(causesOf(live).filter((cause) => cause === 'SUCCEEDED')).toHaveLength(1);
    expect(seqsOf(live)).toEqual(upTo(7));
    expect(weft.run().workers[0]?.pid, 'the zombie itself lives on').toBe(pid);
    await expectSoundHistory(weft);
  }, 60_000);

  it('terminated backends and transactions that are held cost no running job its attempt', async () => {
    const running = await Promise.all([1, 2, 3].map(() => startedJob(client, sleeper, 4_000)));
    const [reader, writer, killer] = await Promise.all([1, 2, 3].map(() => jobsDatabase(weft)));
    if (reader === undefined || writer === undefined || killer === undefined)
      throw new Error('three were opened');
    try {
      await reader.query('begin isolation level repeatable read');
      await reader.query('select count(*) from job_event');
      await writer.query('begin');
      await writer.query('create table held_open (id int)');
      for (let time = 0; time < 5; time++) {
        const cut = await killer.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = 'weft_jobs' and application_name = 'weft-jobs'`,
        );
        expect(cut.rowCount).toBeGreaterThan(0);
        await sleep(200);
      }
      for (const { id, live } of running) {
        await live.ended;
        expect(seqsOf(live)).toEqual(upTo(4));
        const job = await finish(client, id);
        expect(job).toMatchObject({ state: 'SUCCEEDED', result: 'slept 4000' });
        expect(job.attempts).toHaveLength(1);
      }
    } finally {
      await writer.query('rollback');
      await Promise.all([reader, writer, killer].map((one) => one.end()));
    }
    await expectSoundHistory(weft);
  }, 60_000);
});
