import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  CHECKOUT,
  codeOf,
  example,
  messageOf,
  METERS,
  python,
  resultOf,
  runIn,
  sandboxRig,
} from '../../testing/sandbox-rig.js';
import { NO_BWRAP, probe } from './probe.js';

const rigs = { strongest: await sandboxRig('strongest'), proc: await sandboxRig('proc') };
const unsafeRig = await sandboxRig('proc', true);

describe.each(METERS)('with the %s meter', (meter) => {
  const rig = rigs[meter];

  test('tells what it can run', async () => {
    const capability = await probe(rig.sandbox, python === undefined ? ['NODEJS'] : ['NODEJS', 'PYTHON']);
    expect(capability.usable).toBe(true);
    expect(capability.runtimes).toContain('NODEJS');
    expect(capability.problem === null).toBe(rig.sandbox.meterKind !== 'proc');
  });

  test('runs ESM and CommonJS with data, params and context, and streams log and progress', async () => {
    const esm = await runIn(
      rig.sandbox,
      `export async function run(data, params, context) {
         console.log('hello'); console.error('warned');
         context.progress(0.5, 'half');
         return { data, params, job: context.jobId, attempt: context.attempt, item: context.item, key: context.idempotencyKey, deadline: context.deadline, planned: context.plannedFor };
       }`,
      { params: { deep: ['ü', 1] } },
    );
    expect(resultOf(esm)).toEqual({
      data: { a: 1 }, params: { deep: ['ü', 1] }, job: 'job-1', attempt: 2, item: 3, key: 'key-1', deadline: '2030-01-01T00:00:00.000Z', planned: null,
    }); // prettier-ignore
    expect(esm.lines.map((line) => [line.stream, line.text])).toEqual(
      expect.arrayContaining([
        ['stdout', 'hello'],
        ['stderr', 'warned'],
      ]),
    );
    expect(esm.progress).toEqual([[0.5, 'half']]);
    expect(esm.outcome.exitCode).toBe(0);
    expect(esm.outcome.usage.cpuMs).toBeGreaterThan(0);
    const cjs = await runIn(
      rig.sandbox,
      `const os = require('node:os'); exports.run = (data) => [typeof os.EOL, data];`,
      {
        data: { form: 'text', content: 'p qubo\n' },
      },
    );
    expect(resultOf(cjs)).toEqual(['string', 'p qubo\n']);
  });

  test('keeps the sandbox small: no files of the host, nothing writable but its own disk, no open descriptors', async () => {
    const seen = await runIn(
      rig.sandbox,
      `import { execFileSync } from 'node:child_process'; import { readdirSync, writeFileSync } from 'node:fs';
       const writable = (path) => { try { writeFileSync(path, 'x'); return true; } catch { return false; } };
       export const run = () => ({
         root: readdirSync('/'), home: process.env, pids: readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).length,
         writable: ['/x', '/dev/x', '/usr/x', '/job/x', '/etc/x', '/opt/x', '/proc/x', '/work/x', '/tmp/x', '/dev/shm/x'].filter(writable),
         descriptors: execFileSync('/bin/ls', ['/proc/self/fd'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().split('\\n'),
         user: execFileSync('/usr/bin/id', ['-u'], { encoding: 'utf8' }).trim(),
         parent: execFileSync('/bin/sh', ['-c', 'tr "\\\\0" " " < /proc/1/cmdline'], { encoding: 'utf8' }),
         nested: (() => { try { execFileSync('/usr/bin/unshare', ['-Ur', 'true'], { stdio: 'ignore' }); return true; } catch { return false; } })(),
       });`,
    );
    const result = resultOf(seen) as Record<string, unknown>;
    expect(result['root']).not.toEqual(expect.arrayContaining(['root']));
    expect(result['root']).not.toEqual(expect.arrayContaining(['home']));
    expect(Object.keys(result['home'] as object).sort()).toEqual(['HOME', 'LANG', 'PATH', 'PWD', 'TMPDIR']);
    expect(result['writable']).toEqual(['/work/x', '/tmp/x', '/dev/shm/x']);
    expect((result['descriptors'] as string[]).map(Number).filter((fd) => fd > 3 + 1)).toEqual([]);
    expect(result['user']).toBe('65534');
    expect(result['parent']).not.toContain(rig.folder);
    expect(result['nested']).toBe(false);
    expect(result['pids']).toBeLessThanOrEqual(3);
  });

  test('reads nothing of the host or the platform', async () => {
    const secret = join(rig.folder, 'secret');
    writeFileSync(secret, 'platform secret', { mode: 0o644 });
    const paths = ['/etc/shadow', '/etc/hosts', '/root', '/home', '/var', '/run', '/sys', CHECKOUT, join(CHECKOUT, '.weft'), secret, rig.folder, `/proc/${process.pid}/environ`, `/proc/${process.ppid}/environ`, '/proc/2/root']; // prettier-ignore
    const seen = await runIn(rig.sandbox, example('pries.mjs'), {
      params: { paths: paths.filter((path) => !/^\/proc\/2\//.test(path)) },
    });
    expect([codeOf(seen), messageOf(seen)]).toEqual([
      'SERVICE_EXCEPTION',
      expect.stringContaining('nothing could be read'),
    ]);
    const first = await runIn(rig.sandbox, example('pries.mjs'), { params: { paths: ['/proc/1/environ'] } });
    expect(JSON.stringify(first.outcome.end)).not.toMatch(/NATS|DATABASE|HOME=\/|WEFT|npm_/);
  });

  test('opens no connection: outside, loopback, Unix sockets', async () => {
    const server = createServer((socket) => socket.destroy());
    const path = join(rig.folder, 'local.sock');
    const local = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => local.listen(path, resolve));
    let connections = 0;
    for (const one of [server, local]) one.on('connection', () => (connections += 1));
    const { port } = server.address() as AddressInfo;
    const places = [{ host: '127.0.0.1', port }, { host: 'localhost', port }, { host: '1.1.1.1', port: 443 }, { host: '169.254.169.254', port: 80 }, { path }]; // prettier-ignore
    const seen = await runIn(rig.sandbox, example('calls-out.mjs'), { params: { places } });
    server.close();
    local.close();
    expect([codeOf(seen), messageOf(seen)]).toEqual([
      'SERVICE_EXCEPTION',
      expect.stringContaining('no connection could be opened'),
    ]);
    expect(connections).toBe(0);
  });

  test('a run that is cancelled may end by itself, or is killed after the grace', async () => {
    const polite = `export const run = (data, params, { signal }) =>
      new Promise((resolve, reject) => signal.addEventListener('abort', () => (params.finish ? resolve('done') : reject(signal.reason))));`;
    const stopped = await runIn(rig.sandbox, polite, { params: { finish: false }, cancelAfterMs: 300 });
    expect(codeOf(stopped)).toBe('CANCELLED');
    const finished = await runIn(rig.sandbox, polite, { params: { finish: true }, cancelAfterMs: 300 });
    expect(resultOf(finished)).toBe('done');
    const deaf = await runIn(rig.sandbox, example('runs-too-long.mjs'), { cancelAfterMs: 300 });
    expect(codeOf(deaf)).toBe('CANCELLED');
    const polling = await runIn(
      rig.sandbox,
      `export function run(d, p, context) { while (!context.cancelled()); return 'noticed'; }`,
      { cancelAfterMs: 300 },
    );
    expect(resultOf(polling)).toBe('noticed');
    if (python !== undefined) {
      const code =
        'def run(data, params, context):\n    context.signal.wait(10)\n    return context.cancelled()\n';
      expect(resultOf(await runIn(rig.sandbox, code, { runtime: 'PYTHON', cancelAfterMs: 500 }))).toBe(true);
    }
  });

  test.each([
    ['a syntax error', 'export function run( {', 'SERVICE_INVALID', /SyntaxError/],
    ['no run function', 'export const walk = 1;', 'SERVICE_INVALID', /no function run/],
    [
      'an exception while it loads',
      'throw new Error("at load"); export const run = 1;',
      'SERVICE_INVALID',
      /at load/,
    ],
    [
      'an import of a package',
      'import x from "left-pad"; export const run = () => x;',
      'SERVICE_INVALID',
      /left-pad/,
    ],
    ['an exit of its own', 'export function run() { process.exit(0); }', 'PROCESS_CRASHED', /exit code 0/],
    [
      'a signal',
      'export function run() { process.kill(process.pid, "SIGSEGV"); for (;;); }',
      'PROCESS_CRASHED',
      /SIGSEGV/,
    ],
    [
      'an unhandled rejection',
      'export const run = () => { Promise.reject(new Error("late")); return new Promise((r) => setTimeout(r, 5000)); }',
      'SERVICE_EXCEPTION',
      /late/,
    ],
    ['a BigInt', 'export const run = () => 1n;', 'RESULT_INVALID', /BigInt/],
    [
      'a result that is too large',
      'export const run = () => "x".repeat(100_001);',
      'RESULT_TOO_LARGE',
      /0.1 MiB/,
    ],
    [
      'noise on the result channel',
      'import { writeSync } from "node:fs"; export const run = () => { writeSync(3, "noise\\n"); for (;;); }',
      'PROCESS_CRASHED',
      /descriptor 3/,
    ],
  ])('%s is told as such', async (_what, code, expected, message) => {
    const seen = await runIn(rig.sandbox, code);
    expect([codeOf(seen), messageOf(seen)]).toEqual([expected, expect.stringMatching(message)]);
  });
});

test('without bubblewrap the reason says what to do', () => {
  expect(NO_BWRAP.usable).toBe(false);
  expect(NO_BWRAP.problem).toMatch(/bubblewrap.*BWRAP_PATH.*WEFT_UNSAFE_NO_SANDBOX/);
});

test('the explicitly unsafe mode runs, says that it is unsafe, and still ends the whole tree', async () => {
  const rig = unsafeRig;
  expect((await probe(rig.sandbox, ['NODEJS'])).problem).toContain('without a sandbox');
  const seen = await runIn(
    rig.sandbox,
    `import { spawn } from 'node:child_process';
     export const run = () => { spawn('/usr/bin/setsid', ['-f', '/bin/sleep', '4712'], { stdio: 'ignore' }); for (;;); };`,
    { limits: { timeMs: 800 } },
  );
  expect(codeOf(seen)).toBe('TIMEOUT');
  expect(spawnSync('pgrep', ['-f', 'sleep 4712']).stdout.toString()).toBe('');
  expect(rig.leftovers()).toEqual([]);
});
