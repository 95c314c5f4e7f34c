import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPostgres, type PostgresOptions, type RunningPostgres } from './postgres.js';
import { ensureDatabases } from './postgres-databases.js';
import { isRunning } from './processes.js';

const cacheDir = resolve(import.meta.dirname, '../../../.cache');
let dataDir: string;
let server: RunningPostgres | undefined;
let sleeper: ChildProcess | undefined;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'weft-pg-'));
  chmodSync(dataDir, 0o711);
});
afterEach(async () => {
  await server?.stop(5_000);
  sleeper?.kill('SIGKILL');
  server = sleeper = undefined;
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(options: Partial<PostgresOptions> = {}): Promise<RunningPostgres> {
  server = await startPostgres({
    dataDir,
    cacheDir,
    superPassword: 'super/pass@word',
    logFile: join(dataDir, 'log'),
    ...options,
  });
  return server;
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

describe('embedded PostgreSQL', () => {
  it('is durable, uses scram, sorts the same everywhere and runs as an ordinary user', async () => {
    const { adminUrl, url } = await start({ parameters: { max_connections: '20' } });
    const settings = await query(
      adminUrl,
      `select name, setting from pg_settings where name in
       ('fsync', 'synchronous_commit', 'jit', 'max_connections', 'listen_addresses', 'unix_socket_directories', 'server_encoding') order by name`,
    );
    expect(Object.fromEntries(settings.map((one) => [one['name'], one['setting']]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      jit: 'off',
      max_connections: '20',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      server_encoding: 'UTF8',
    });
    expect(
      await query(
        adminUrl,
        'select datlocprovider, datlocale from pg_database where datname = current_database()',
      ),
    ).toEqual([{ datlocprovider: 'b', datlocale: 'C.UTF-8' }]);
    await expect(query(url.replace('//', '//postgres@'), 'select 1')).rejects.toThrow();
    await expect(query(url.replace('//', '//postgres:wrong@'), 'select 1')).rejects.toThrow(/password/);
    expect(readFileSync(`/proc/${server?.pid}/status`, 'utf8')).not.toMatch(/^Uid:\s+0/m);
    expect(existsSync(join(dataDir, 'postgres.json'))).toBe(false);
  });

  it('gives each account a database that the others cannot enter', async () => {
    const { adminUrl } = await start();
    const accounts = [
      { name: 'weft_jobs', password: "it's/odd@:?#" },
      { name: 'weft_registry', password: 'other' },
    ];
    const urls = await ensureDatabases(adminUrl, accounts);
    await query(urls.get('weft_jobs') ?? '', 'create table t as select current_user::text as who');
    const foreign = (urls.get('weft_registry') ?? '').replace(/\/weft_registry$/, '/weft_jobs');
    await expect(query(foreign, 'select 1')).rejects.toThrow(/permission denied for database/);

    const again = await ensureDatabases(adminUrl, [{ name: 'weft_jobs', password: 'changed' }]);
    expect(await query(again.get('weft_jobs') ?? '', 'select who from t')).toEqual([{ who: 'weft_jobs' }]);
    await expect(query(urls.get('weft_jobs') ?? '', 'select 1')).rejects.toThrow(/password/);
  });

  it('works for an administrator who is no superuser', async () => {
    const { adminUrl } = await start();
    await query(adminUrl, `create role boss login createdb createrole password 'boss'`);
    const bossUrl = adminUrl.replace(/\/\/[^@]+@/, '//boss:boss@');
    const urls = await ensureDatabases(bossUrl, [{ name: 'weft_jobs', password: 'p' }]);
    expect(await query(urls.get('weft_jobs') ?? '', 'select current_user::text as who')).toEqual([
      { who: 'weft_jobs' },
    ]);
  });

  it('keeps its data and prefers its last port', async () => {
    const first = await start();
    await query(first.adminUrl, 'create table kept as select 1 as one');
    await first.stop(5_000);
    const second = await start({ port: first.port });
    expect(second.port).toBe(first.port);
    expect(await query(second.adminUrl, 'select one from kept')).toEqual([{ one: 1 }]);
  });

  it('starts although a stale pid file names a living process of the same user', async () => {
    const first = await start();
    const { uid, gid } = ownerOf(first.pid);
    await first.stop(5_000);
    sleeper = spawn('sleep', ['600'], { uid, gid, stdio: 'ignore', cwd: '/' });
    writeFileSync(join(first.cluster, 'postmaster.pid'), `${sleeper.pid}\n${first.cluster}\n`);
    const second = await start();
    expect(await query(second.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(isRunning(sleeper.pid as number)).toBe(true);
  });

  it('ends a server of this cluster that was left running, and takes over', async () => {
    const first = await start();
    await query(first.adminUrl, 'create table kept as select 1 as one');
    const second = await start();
    expect(isRunning(first.pid)).toBe(false);
    expect(await query(second.adminUrl, 'select one from kept')).toEqual([{ one: 1 }]);
  });

  it('recovers from SIGKILL', async () => {
    const first = await start();
    await query(first.adminUrl, 'create table kept as select 1 as one');
    process.kill(first.pid, 'SIGKILL');
    const second = await start({ port: first.port, keepPort: true });
    expect(await query(second.adminUrl, 'select one from kept')).toEqual([{ one: 1 }]);
  });

  it('says where its files should be when they are gone', async () => {
    writeFileSync(join(dataDir, 'postgres.json'), JSON.stringify({ cluster: '/nowhere/weft' }));
    await expect(start()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('/nowhere/weft') as string,
    });
  });

  it('leaves nothing half-made when it cannot make its files', async () => {
    writeFileSync(join(dataDir, 'postgres.0badcafe'), 'of a killed start');
    await start();
    expect(existsSync(join(dataDir, 'postgres.0badcafe'))).toBe(false);
  });
});

function ownerOf(pid: number): { uid: number; gid: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const idOf = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return { uid: idOf('Uid'), gid: idOf('Gid') };
}
