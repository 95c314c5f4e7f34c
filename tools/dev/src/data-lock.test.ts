import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processFacts } from '@weft/embedded';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockData } from './data-lock.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weft-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lock = (): void => lockData(folder, (pid) => `held by ${pid}`);
const hold = (number: number, holder: object | string): void =>
  writeFileSync(
    join(folder, `supervisor.lock.${number}`),
    typeof holder === 'string' ? holder : JSON.stringify(holder),
  );

describe('the lock of a data folder', () => {
  it('is taken once', () => {
    lock();
    expect(lock).toThrow(`held by ${process.pid}`);
    expect(readdirSync(folder)).toEqual(['supervisor.lock.1']);
  });

  it('passes to the next number when its holder is dead', async () => {
    const dead = spawn('true');
    await once(dead, 'exit');
    hold(7, { pid: dead.pid, startTicks: '1', boot: 'x' });
    lock();
    expect(readdirSync(folder)).toEqual(['supervisor.lock.8']);
  });

  it('is not held by another process that has the same number by chance', () => {
    hold(1, { pid: process.ppid, startTicks: '1' });
    lock();
    expect(readdirSync(folder)).toEqual(['supervisor.lock.2']);
  });

  it('is not held across a restart of the machine', () => {
    hold(1, { pid: process.pid, startTicks: processFacts(process.pid)?.startTicks, boot: 'an earlier one' });
    expect(lock).not.toThrow();
  });

  it('is taken over when it is unreadable', () => {
    hold(1, '{"pid":');
    expect(lock).not.toThrow();
  });

  it('goes to one of many that find a dead holder at once', async () => {
    hold(1, { pid: 999_999_999, startTicks: '1' });
    const script = `
      import { lockData } from ${JSON.stringify(join(import.meta.dirname, '../dist/data-lock.js'))};
      try { lockData(process.argv[1], String); console.log('won'); setTimeout(() => {}, 3000); } catch (error) { console.log(error.code); }`;
    const racers = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', script, folder]),
    );
    const said = await Promise.all(
      racers.map(async (one) => String(((await once(one.stdout, 'data')) as [Buffer])[0]).trim()),
    );
    for (const one of racers) one.kill('SIGKILL');
    expect(said.sort()).toEqual([...Array<string>(5).fill('CONFLICT'), 'won']);
  });
});
