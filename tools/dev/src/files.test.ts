import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readCommandLine } from './command-line.js';
import { gatewayAddress } from './gateway-address.js';
import { logFileOf } from './log-files.js';
import { inheritedOf } from './node-child.js';
import { createProgress } from './progress.js';
import { ensureSecrets } from './secrets.js';
import { settings } from './settings.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weft-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('secrets', () => {
  it('are made once and completed later', async () => {
    const first = await ensureSecrets(folder, ['jobs'], ['jobs']);
    const second = await ensureSecrets(folder, ['jobs', 'registry'], ['jobs', 'worker-1']);
    expect(second).toMatchObject({ ...first, databases: first.databases, nats: first.nats });
    expect(Object.keys(second.nats)).toEqual(['jobs', 'worker-1']);
    expect(second.databases['registry']).not.toBe(second.databases['jobs']);
    for (const name of ['secrets.json', 'token'])
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'token'), 'utf8')).toBe(`${first.firstUserToken}\n`);
  });

  it('are never made anew over an unreadable file', async () => {
    writeFileSync(join(folder, 'secrets.json'), '{');
    await expect(ensureSecrets(folder, [], [])).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('a log', () => {
  it('is moved when it is large, and the oldest goes', () => {
    for (const text of ['one', 'two', 'three', 'four', 'five'])
      writeFileSync(logFileOf(folder, 'jobs', 2), text);
    const file = join(folder, 'logs', 'jobs.log');
    expect(['', '.1', '.2', '.3'].map((tail) => readFileSync(file + tail, 'utf8'))).toEqual([
      'five',
      'four',
      'three',
      'two',
    ]);
    expect(existsSync(`${file}.4`)).toBe(false);
    expect(logFileOf(folder, 'jobs', 100)).toBe(file);
    expect(existsSync(file)).toBe(true);
  });
});

describe('the command line', () => {
  it('knows its options and refuses others', () => {
    expect(readCommandLine([])).toEqual({ check: false, sample: true, help: false });
    expect(readCommandLine(['--check'])).toMatchObject({ check: true, sample: false });
    expect(() => readCommandLine(['--chekc'])).toThrow(/--chekc is not an option/);
  });
});

describe('the environment of the parts', () => {
  it('is ours without our own settings and those of npm', () => {
    const env = {
      PATH: '/bin',
      LOG_LEVEL: 'debug',
      DATABASE_URL: 'x',
      DATABASE_URL_JOBS: 'x',
      NATS_PASSWORD: 'x',
      PORT: '1',
      npm_config_x: 'y',
    };
    expect(inheritedOf(env)).toEqual({ PATH: '/bin', LOG_LEVEL: 'debug' });
  });
});

describe('progress', () => {
  it('is plain lines in a pipe', () => {
    let text = '';
    let now = 0;
    const progress = createProgress({ write: (more: string) => (text += more) }, () => now);
    progress.await(['jobs', 'nats']);
    now = 1_240;
    progress.ready('nats');
    progress.ready('nats');
    progress.settle();
    expect(text).toBe('  ✓ nats         1.2 s\n');
  });

  it('tells on a terminal what is still awaited', () => {
    let text = '';
    const progress = createProgress({ isTTY: true, write: (more: string) => (text += more) });
    progress.await(['jobs', 'nats']);
    expect(text).toContain('jobs, nats …');
    progress.ready('nats');
    expect(text.slice(text.lastIndexOf('\r'))).toMatch(/jobs … /);
    progress.settle();
    expect(text.endsWith('\r\u001b[K')).toBe(true);
  });

  it('says once what it still waits for after long', () => {
    vi.useFakeTimers();
    try {
      let text = '';
      const progress = createProgress({ write: (more: string) => (text += more) });
      progress.await(['jobs', 'nats']);
      progress.ready('nats');
      vi.advanceTimersByTime(60_000);
      expect(text.match(/still waiting for jobs \(/g)).toHaveLength(1);
      progress.settle();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('settings', () => {
  it.each([
    ['PORT', 'abc', 'PORT is not a port'],
    ['DATABASE_URL', 'foo', 'DATABASE_URL is not a URL'],
    ['DATABASE_URL_JOBS', 'mysql://x/y', 'DATABASE_URL_JOBS is not a URL'],
    ['NATS_URL', 'nats://a:4222,nonsense', 'NATS_URL is not a URL'],
  ])('refuse %s=%s before anything is started', (name, value, message) => {
    expect(() => settings.read({ [name]: value })).toThrow(message);
  });

  it('take the URLs of real servers', () => {
    const read = settings.read({
      DATABASE_URL: 'postgresql://me:pw@db/app',
      NATS_URL: 'nats://a:4222, tls://b',
    });
    expect(read.DATABASE_URL?.reveal()).toBe('postgresql://me:pw@db/app');
    expect(read.NATS_URL).toBe('nats://a:4222, tls://b');
  });
});

describe('the address of the gateway', () => {
  it.each(['192.0.2.1', 'nohost.invalid'])('is refused when %s is not of this machine', async (host) => {
    await expect(gatewayAddress(host, 0, undefined)).rejects.toThrow(`HOST ${host} is not an address`);
  });
});
