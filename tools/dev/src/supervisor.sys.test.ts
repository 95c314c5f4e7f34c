import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { isRunning } from '@weft/embedded';
import pg from 'pg';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  buildSupervisor,
  eventually,
  newDataDir,
  processesOf,
  removeDataDir,
  runFileOf,
  startFakeWeft,
  type FakeWeft,
} from './testing/fake-weft.js';
import type { RunFile } from './run-file.js';

vi.setConfig({ testTimeout: 90_000 });

let dataDir: string;
let running: FakeWeft[];

beforeAll(buildSupervisor, 120_000);
beforeEach(() => {
  dataDir = newDataDir();
  running = [];
});
afterEach(async () => {
  for (const one of running) {
    one.process.kill('SIGTERM');
    await one.ended();
  }
  removeDataDir(dataDir);
});

function start(env?: Record<string, string>, args?: string[]): FakeWeft {
  const weft = startFakeWeft(dataDir, env, args);
  running.push(weft);
  return weft;
}

const pidsOf = (run: RunFile): number[] =>
  [
    run.gateway.pid,
    ...Object.values(run.subgraphs).map((one) => one.pid),
    ...run.workers.map((one) => one.pid),
    run.nats.pid,
    run.postgres.pid,
    run.supervisor.pid,
  ].map((pid) => {
    if (pid === null) throw new Error('a part has no pid');
    return pid;
  });

/** A row in the jobs database, through the credential that the jobs service was given. */
async function withJobsDatabase<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const port = runFileOf(dataDir).subgraphs['jobs']?.port as number;
  const env = (await (await fetch(`http://127.0.0.1:${port}/env`)).json()) as Record<string, string>;
  const client = new pg.Client({ connectionString: env['DATABASE_URL'] as string });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

describe('npm start', () => {
  it('--check starts, waits until everything is ready, stops and leaves no process', async () => {
    const weft = start({}, ['--check']);
    expect(await weft.ended()).toBe(0);
    expect(weft.output()).toMatch(/✓ gateway[^]*Weft is ready[^]*Weft has stopped/);
    expect(processesOf(dataDir)).toEqual([]);
    expect(statSync(join(dataDir, 'run.json'), { throwIfNoEntry: false })).toBeUndefined();
  });

  it('tells where everything is, and SIGTERM stops all of it', async () => {
    const weft = start();
    await weft.says('is ready');
    const run = runFileOf(dataDir);
    const pids = pidsOf(run);
    expect(pids.every(isRunning)).toBe(true);
    expect(new Set(pids).size).toBe(9);
    expect(statSync(join(dataDir, 'run.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(dataDir, 'token'), 'utf8')).toMatch(/^weft_[\w-]{43}\n$/);
    const secrets = JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8')) as {
      postgresSuperuser: string;
    };
    expect(JSON.stringify(run)).not.toContain(secrets.postgresSuperuser);

    weft.process.kill('SIGTERM');
    expect(await weft.ended()).toBe(0);
    expect(pids.filter(isRunning)).toEqual([]);
    expect(processesOf(dataDir)).toEqual([]);
  });

  it('gives every part only the secrets that it needs', async () => {
    const weft = start({ SOME_SETTING: 'passed on', NATS_PASSWORD: 'mine' });
    await weft.says('is ready');
    const run = runFileOf(dataDir);
    const environmentOf = async (port: number) =>
      (await (await fetch(`http://127.0.0.1:${port}/env`)).json()) as Record<string, string>;
    const jobs = await environmentOf(run.subgraphs['jobs']?.port as number);
    const gateway = await environmentOf(run.gateway.port);
    expect(jobs).toMatchObject({ SOME_SETTING: 'passed on', NATS_USER: 'jobs', NODE_ENV: 'production' });
    expect(jobs['NATS_PASSWORD']).not.toBe('mine');
    for (const name of ['ACTOR_SIGNING_KEY', 'ARTIFACT_SIGNING_KEY', 'FIRST_USER_TOKEN'])
      expect(jobs).not.toHaveProperty(name);
    for (const name of ['DATABASE_URL', 'NATS_PASSWORD', 'ARTIFACT_SIGNING_KEY'])
      expect(gateway).not.toHaveProperty(name);
    expect(JSON.parse(gateway['ACTOR_SIGNING_KEY'] as string)).toHaveProperty('d');
    expect(JSON.parse(jobs['ACTOR_JWKS'] as string).keys[0]).not.toHaveProperty('d');
  });

  it('refuses a second start in the same folder, naming the first', async () => {
    const first = start();
    await first.says('is ready');
    const second = start();
    expect(await second.ended()).toBe(1);
    expect(second.output()).toContain(`process ${first.process.pid} at ${runFileOf(dataDir).url}`);
    expect(isRunning(first.process.pid as number)).toBe(true);
    expect(pidsOf(runFileOf(dataDir)).every(isRunning)).toBe(true);
  });

  it.each(['jobs', 'nats', 'postgres'] as const)('restarts a killed %s at the same address', async (name) => {
    const addressOf = (run: RunFile) =>
      (name === 'jobs' ? run.subgraphs['jobs'] : run[name]) as { port: number; pid: number };
    const weft = start();
    await weft.says('is ready');
    const before = addressOf(runFileOf(dataDir));
    process.kill(before.pid, 'SIGKILL');
    await weft.says(`${name} was ended by SIGKILL; starting again in `);
    await weft.says(`${name} is back`);
    const after = addressOf(runFileOf(dataDir));
    expect(after.port).toBe(before.port);
    expect(after.pid).not.toBe(before.pid);
    expect(isRunning(after.pid)).toBe(true);
    expect(await withJobsDatabase((client) => client.query('select 1').then((found) => found.rowCount))).toBe(
      1,
    );
  });

  it('leaves nothing when it is killed, and the next start finds everything again', async () => {
    const weft = start();
    await weft.says('is ready');
    const run = runFileOf(dataDir);
    const token = readFileSync(join(dataDir, 'token'), 'utf8');
    await withJobsDatabase((client) => client.query('create table kept as select 42 as answer'));
    weft.process.kill('SIGKILL');
    await weft.ended();
    await eventually(() => (pidsOf(run).some(isRunning) ? undefined : true));

    const next = start();
    await next.says('is ready');
    expect(readFileSync(join(dataDir, 'token'), 'utf8')).toBe(token);
    expect(
      await withJobsDatabase((client) => client.query('select answer from kept').then((found) => found.rows)),
    ).toEqual([{ answer: 42 }]);
  });

  it('recovers from SIGKILL of every process at once', async () => {
    const weft = start();
    await weft.says('is ready');
    for (const pid of pidsOf(runFileOf(dataDir)).reverse()) process.kill(pid, 'SIGKILL');
    await weft.ended();
    const next = start({}, ['--check']);
    expect(await next.ended()).toBe(0);
  });

  it('ends what an earlier supervisor left running', async () => {
    const orphan = spawn('sleep', ['600'], {
      env: { ...process.env, WEFT_SUPERVISED: dataDir },
      detached: true,
      stdio: 'ignore',
    });
    const weft = start({}, ['--check']);
    expect(await weft.ended()).toBe(0);
    expect(weft.output()).toContain('ended 1 process');
    expect(isRunning(orphan.pid as number)).toBe(false);
  });

  it('stops a part that does not listen, within its limit', async () => {
    const weft = start({ FAKE_PARTS: JSON.stringify({ jobs: { FAKE_DEAF: '1' } }) });
    await weft.says('is ready');
    const pids = pidsOf(runFileOf(dataDir));
    const asked = Date.now();
    weft.process.kill('SIGINT');
    expect(await weft.ended()).toBe(0);
    expect(Date.now() - asked).toBeLessThan(12_000);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  it('fails with the end of the log when a part does not come up', async () => {
    const weft = start({ FAKE_PARTS: JSON.stringify({ registry: { FAKE_CRASH_AT_START: '1' } }) });
    expect(await weft.ended()).toBe(1);
    expect(weft.output()).toMatch(
      /registry does not start: it ended with code 3[^]*fake part: refuses to start/,
    );
    expect(processesOf(dataDir)).toEqual([]);
  });

  it('stops cleanly when it is asked to while it starts', async () => {
    const weft = start();
    await weft.says('✓ nats');
    weft.process.kill('SIGTERM');
    expect(await weft.ended()).toBe(0);
    expect(weft.output()).not.toContain('is ready');
    expect(processesOf(dataDir)).toEqual([]);
  });

  it('refuses a port that is taken, naming PORT', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => squatter.once('listening', listening));
    const { port } = squatter.address() as AddressInfo;
    const weft = start({ PORT: String(port) });
    expect(await weft.ended()).toBe(1);
    expect(weft.output()).toMatch(new RegExp(`Port ${port} is taken[^]*PORT=`));
    squatter.close();
  });

  it('refuses a wrong setting with its name', async () => {
    const weft = start({ PORT: 'four' });
    expect(await weft.ended()).toBe(1);
    expect(weft.output()).toContain('PORT');
  });
});
