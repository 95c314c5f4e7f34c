import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { AppError } from '@weft/errors';
import type { SystemUser } from './system-user.js';

export interface ChildSpec {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the child, PATH included. */
  readonly env: Readonly<Record<string, string>>;
  /** Both output streams are appended here, written by the child itself. */
  readonly logFile: string;
  /** The user to drop to; absent: stay who we are. */
  readonly user?: SystemUser | undefined;
  readonly cwd?: string;
  /** What the kernel sends to the child when we die, however we die (where setpriv exists). */
  readonly signalOnOrphaned: 'INT' | 'TERM' | 'KILL';
  /** What asks it to stop. */
  readonly stopSignal: NodeJS.Signals;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningProcess {
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
  /** Asks it to stop, and after the grace ends its whole process group. Resolves when it is gone. */
  stop(graceMs: number): Promise<ProcessExit>;
}

const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

let pdeathsig: boolean | undefined;

/** util-linux has it, busybox does not: tried once. */
function canBindLifetime(): boolean {
  pdeathsig ??= spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true'], { stdio: 'ignore' }).status === 0;
  return pdeathsig;
}

/**
 * Starts a long-lived child that does not outlive this process. It has a session of its own, so that Ctrl-C in the
 * terminal reaches the supervisor only, which then stops everything in order.
 */
export async function startChild(spec: ChildSpec): Promise<RunningProcess> {
  const bound = canBindLifetime();
  const command = bound ? 'setpriv' : spec.command;
  const args = bound
    ? ['--pdeathsig', spec.signalOnOrphaned, '--', spec.command, ...spec.args]
    : [...spec.args];
  const log = openSync(spec.logFile, 'a', 0o600);
  try {
    // The user is dropped by spawn before setpriv runs: changing the uid afterwards would clear the death signal.
    const child = spawn(command, args, {
      cwd: spec.cwd ?? '/',
      env: { PATH: DEFAULT_PATH, ...spec.env },
      stdio: ['ignore', log, log],
      detached: true,
      ...(spec.user === undefined ? {} : { uid: spec.user.uid, gid: spec.user.gid }),
    });
    const exited = new Promise<ProcessExit>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause) =>
        reject(
          new AppError('INTERNAL', `${spec.command} could not be started: ${cause.message}`, {}, { cause }),
        ),
      );
    });
    const pid = child.pid as number;
    return { pid, exited, stop: (graceMs) => stopChild(pid, exited, spec.stopSignal, graceMs) };
  } finally {
    closeSync(log);
  }
}

async function stopChild(
  pid: number,
  exited: Promise<ProcessExit>,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<ProcessExit> {
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), graceMs);
  });
  // A process that has ended already is not signalled: its number may belong to another by now.
  const before = await Promise.race([
    exited,
    new Promise<'runs'>((resolve) => setImmediate(() => resolve('runs'))),
  ]);
  if (before === 'runs') tell(pid, signal);
  const first = await Promise.race([exited, grace]);
  clearTimeout(timer);
  // Also after a clean exit: nothing of its process group stays behind.
  tell(-pid, 'SIGKILL');
  return first === 'late' ? exited : first;
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Already gone.
  }
}
