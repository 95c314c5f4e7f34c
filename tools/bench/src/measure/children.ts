import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';

export interface Child extends AsyncDisposable {
  readonly pid: number;
}

/** The core of what is measured; the load and what it needs stay on the other one. */
const MEASURED_CORE = 1;
const OTHER_CORE = 0;

/** Keeps this process, which makes the load, off the measured core. False where that cannot be had. */
export async function stayOffMeasuredCore(): Promise<boolean> {
  if (cpus().length < 2) return false;
  const child = spawn('taskset', ['-acp', String(OTHER_CORE), String(process.pid)], { stdio: 'ignore' });
  const [code] = (await Promise.race([once(child, 'exit'), once(child, 'error')])) as [unknown];
  return code === 0;
}

export interface StartOptions {
  readonly file: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Alone on the measured core. */
  readonly pinned: boolean;
  readonly ready: () => Promise<boolean>;
}

const READY_MS = 30_000;

/** A Node.js program in a process of its own, ended with SIGTERM, then SIGKILL. */
export async function startChild({ file, args = [], env = {}, pinned, ready }: StartOptions): Promise<Child> {
  const command = [process.execPath, file, ...args];
  const [program = '', ...rest] = pinned ? ['taskset', '-c', String(MEASURED_CORE), ...command] : command;
  const child = spawn(program, rest, {
    env: { ...inherited(), NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const deadline = performance.now() + READY_MS;
  while (!(await ready().catch(() => false))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await end(child);
      throw new Error(`${file} did not start`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { pid: child.pid ?? 0, [Symbol.asyncDispose]: () => end(child) };
}

// Only what a program needs to be found and run: a setting of the caller must not change what is measured.
const inherited = (): Record<string, string> => ({ PATH: process.env['PATH'] ?? '' });

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exited;
  clearTimeout(impatience);
}
