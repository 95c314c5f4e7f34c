import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import {
  codeOf,
  example,
  LIMITS,
  messageOf,
  METERS,
  python,
  resultOf,
  runIn,
  sandboxRig,
} from '../../testing/sandbox-rig.js';
import { LINE_BYTES } from './judge.js';

const rigs = { strongest: await sandboxRig('strongest'), proc: await sandboxRig('proc') };

describe.each(METERS)('with the %s meter', (meter) => {
  const rig = rigs[meter];

  test.each([
    ['throws.mjs', 'SERVICE_EXCEPTION', /RangeError: cannot divide 1 by zero/],
    ['returns-nonsense.mjs', 'RESULT_INVALID', /circular/],
    ['floods-log.mjs', 'LOG_LIMIT_EXCEEDED', /more than its 0.2 MiB of log/],
    ['eats-memory.mjs', 'OUT_OF_MEMORY', /192 MiB of memory/],
    ['eats-heap.mjs', 'OUT_OF_MEMORY', /192 MiB of memory/],
    ['forks.mjs', 'PROCESS_LIMIT_EXCEEDED', /48 processes/],
    ['fills-disk.mjs', 'DISK_LIMIT_EXCEEDED', /24 MiB of disk/],
  ])('%s ends with %s', async (name, code, message) => {
    const seen = await runIn(rig.sandbox, example(name));
    expect([codeOf(seen), messageOf(seen)]).toEqual([code, expect.stringMatching(message)]);
    expect(rig.leftovers()).toEqual([]);
  });

  test.runIf(python !== undefined).each([
    ['throws.py', 'SERVICE_EXCEPTION', /ZeroDivisionError/],
    ['eats-memory.py', 'OUT_OF_MEMORY', /192 MiB of memory/],
    ['forks.py', 'PROCESS_LIMIT_EXCEEDED', /48 processes/],
    ['fills-disk.py', 'DISK_LIMIT_EXCEEDED', /24 MiB of disk/],
  ])('%s ends with %s', async (name, code, message) => {
    const seen = await runIn(rig.sandbox, example(name), { runtime: 'PYTHON' });
    expect([codeOf(seen), messageOf(seen)]).toEqual([code, expect.stringMatching(message)]);
    expect(rig.leftovers()).toEqual([]);
  });

  test('empty lines are not free: they count against the log too', async () => {
    const code = "export const run = () => { for (;;) process.stdout.write('\\n'.repeat(10_000)); };";
    const seen = await runIn(rig.sandbox, code);
    expect(codeOf(seen)).toBe('LOG_LIMIT_EXCEEDED');
    expect(seen.lines.length).toBeLessThanOrEqual(Math.ceil(LIMITS.logBytes / LINE_BYTES));
  });

  test('an exception leaves its traceback in the log, without frames of the platform', async () => {
    const seen = await runIn(rig.sandbox, example('throws.mjs'));
    expect(seen.log).toMatch(
      /about to fail[\s\S]*at divide \(.*service\.js:3[\s\S]*at .*run \(.*service\.js:9/,
    );
    expect(seen.log).not.toContain('run.mjs');
    if (python !== undefined) {
      const other = await runIn(rig.sandbox, example('throws.py'), { runtime: 'PYTHON' });
      expect(other.log).toMatch(
        /about to fail[\s\S]*Traceback[\s\S]*service\.py", line 10, in run[\s\S]*in divide[\s\S]*ZeroDivisionError/,
      );
      expect(other.log).not.toContain('run.py');
    }
  });

  test.each(python === undefined ? ['runs-too-long.mjs'] : ['runs-too-long.mjs', 'runs-too-long.py'])(
    '%s ends with TIMEOUT',
    async (name) => {
      const runtime = name.endsWith('.py') ? 'PYTHON' : 'NODEJS';
      const seen = await runIn(rig.sandbox, example(name), { runtime, limits: { timeMs: 700 } });
      expect(codeOf(seen)).toBe('TIMEOUT');
      expect(seen.outcome.usage.wallMs).toBeGreaterThanOrEqual(700);
      expect(seen.outcome.usage.wallMs).toBeLessThan(3_000);
      expect(rig.leftovers()).toEqual([]);
    },
  );

  test('detached grandchildren die with the run, and a lingering timer does not delay its end', async () => {
    const seen = await runIn(
      rig.sandbox,
      `import { spawn } from 'node:child_process';
       export const run = () => { spawn('/bin/sleep', ['4711'], { detached: true, stdio: 'inherit' }).unref(); setTimeout(() => {}, 60000); return 'left'; };`,
    );
    expect(resultOf(seen)).toBe('left');
    expect(seen.outcome.usage.wallMs).toBeLessThan(2_000);
    expect(spawnSync('pgrep', ['-f', 'sleep 4711']).stdout.toString()).toBe('');
    expect(rig.leftovers()).toEqual([]);
  });

  test('several runs at once do not disturb each other', async () => {
    const good =
      'export const run = async (data, params) => { await new Promise((r) => setTimeout(r, 200)); return params.n; }';
    const runs = [0, 1, 2, 3].map((n) => runIn(rig.sandbox, good, { params: { n } }));
    const bad = runIn(rig.sandbox, example('eats-memory.mjs'));
    expect((await Promise.all(runs)).map(resultOf)).toEqual([0, 1, 2, 3]);
    expect(codeOf(await bad)).toBe('OUT_OF_MEMORY');
    expect(rig.leftovers()).toEqual([]);
  });
});
