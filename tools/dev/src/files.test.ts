import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCommandLine } from './command-line.js';
import { logFileOf } from './log-files.js';
import { inheritedOf } from './node-child.js';
import { createProgress } from './progress.js';
import { ensureSecrets } from './secrets.js';

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
});
