import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What /proc tells of a process. A zombie counts as gone: PID 1 of a small machine may never reap it. */
export interface ProcessFacts {
  readonly pid: number;
  /** Clock ticks since boot; with the pid it names one process for ever. */
  readonly startTicks: string;
  readonly state: string;
}

export function processFacts(pid: number): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name is in parentheses and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid, state: fields[0] ?? '?', startTicks: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

const hasProc = processFacts(process.pid) !== undefined;

/** Whether the process runs (zombies do not). */
export function isRunning(pid: number): boolean {
  if (hasProc) {
    const facts = processFacts(pid);
    return facts !== undefined && facts.state !== 'Z' && facts.state !== 'X';
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The arguments of a process, empty when it is gone or hidden. */
export function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

/** The working folder of a process, if it may be known. */
export function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** Every running process whose environment holds this entry (`NAME=value`): how the children of a dead supervisor are found. */
export function processesMarked(entry: string): number[] {
  if (!hasProc) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      if (pid === process.pid) return false;
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(entry) && isRunning(pid);
      } catch {
        return false;
      }
    });
}

/** Waits until none of the processes runs, or the time is over; returns those that still run. */
export async function waitUntilGone(pids: readonly number[], timeoutMs: number): Promise<number[]> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const left = pids.filter(isRunning);
    if (left.length === 0 || Date.now() >= deadline) return left;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Ends processes that are not our children: `signal` first, SIGKILL for what is left after the grace. */
export async function endProcesses(
  pids: readonly number[],
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  sendSignal(pids, signal);
  const stubborn = await waitUntilGone(pids, graceMs);
  sendSignal(stubborn, 'SIGKILL');
  await waitUntilGone(stubborn, 5_000);
}

function sendSignal(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // Already gone.
    }
  }
}
