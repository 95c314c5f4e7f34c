import type { ErrorFrame, ExitFrame, Frame } from './frames.js';
import type { RunFailure, SandboxLimits } from './run-spec.js';

/** Why the launcher itself ended the run. The first reason stands. */
export const KILL_REASONS = ['time', 'memory', 'processes', 'log', 'result', 'cancel', 'garbage'] as const;
export type KillReason = (typeof KILL_REASONS)[number];

/** Everything seen of a run that has ended. */
export interface Observations {
  readonly killedFor: KillReason | undefined;
  readonly cancelRequested: boolean;
  readonly outOfMemory: boolean;
  readonly processesRefused: boolean;
  readonly ready: boolean;
  readonly last: Extract<Frame, { type: 'result' | 'too-large' | 'error' | 'exit' }> | undefined;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The end of what the process wrote to stderr. */
  readonly stderrTail: string;
  readonly limits: SandboxLimits;
}

export type Verdict =
  { readonly ok: true; readonly resultJson: string } | { readonly ok: false; readonly failure: RunFailure };

/** A line costs this much to keep even if it is empty: ten million of them would hold the worker and the database. */
export const LINE_BYTES = 64;

const MIB = 1024 * 1024;
const DISK_FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const NEARLY_FULL_BYTES = 64 * 1024;
const SIGNAL_EXIT_BASE = 128;
const TOLD_STDERR_LINES = 10;
const TOLD_STDERR_LENGTH = 2_000;
const SIGNALS: Readonly<Record<number, string>> = {
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
  25: 'SIGXFSZ',
};
/** How dash, busybox and bash say that a resource limit refused them a process. */
const FORK_REFUSED = /cannot fork|can't fork|fork: .*resource temporarily unavailable/i;
const HEAP_EXHAUSTED = /heap out of memory|Fatal process out of memory|Allocation failed|MemoryError/;

const failure = (code: RunFailure['code'], message: string): Verdict => ({
  ok: false,
  failure: { code, message },
});

const mib = (bytes: number): string => `${Math.round((bytes / MIB) * 10) / 10} MiB`;

/** Turns what was seen into the result or into one stable code with a sentence that says what to do. Pure. */
export function judge(seen: Observations): Verdict {
  const { limits, last } = seen;
  const passed = {
    OUT_OF_MEMORY: () =>
      failure(
        'OUT_OF_MEMORY',
        `The run needed more than its ${mib(limits.memoryBytes)} of memory (files it writes count too) and was ended.`,
      ),
    PROCESS_LIMIT_EXCEEDED: () =>
      failure(
        'PROCESS_LIMIT_EXCEEDED',
        `The run started more than its ${limits.processes} processes and threads and was ended.`,
      ),
    DISK_LIMIT_EXCEEDED: () =>
      failure(
        'DISK_LIMIT_EXCEEDED',
        `The run wrote more than its ${mib(limits.diskBytes)} of disk (/work and /tmp together).`,
      ),
  };

  switch (seen.killedFor) {
    case 'time':
      return failure(
        'TIMEOUT',
        `The run took longer than its time limit of ${limits.timeMs / 1_000} s and was ended.`,
      );
    case 'memory':
      return passed.OUT_OF_MEMORY();
    case 'processes':
      return passed.PROCESS_LIMIT_EXCEEDED();
    case 'log':
      return failure(
        'LOG_LIMIT_EXCEEDED',
        `The run wrote more than its ${mib(limits.logBytes)} of log (a line counts as ${LINE_BYTES} bytes at least) and was ended.`,
      );
    case 'result':
      return tooLarge(limits);
    case 'garbage':
      return failure(
        'PROCESS_CRASHED',
        "The run wrote something else than the platform's messages to file descriptor 3 and was ended.",
      );
    case 'cancel':
      return failure(
        'CANCELLED',
        'The run was cancelled and did not end by itself in the time it had for that.',
      );
    case undefined:
  }

  if (last?.type === 'result') return { ok: true, resultJson: last.text };
  if (last?.type === 'too-large') return tooLarge(limits, last.size);
  if (seen.outOfMemory) return passed.OUT_OF_MEMORY();
  if (seen.processesRefused) return passed.PROCESS_LIMIT_EXCEEDED();
  if (last?.type === 'error') return judgeError(last, seen, passed);
  if (last?.type === 'exit') return judgeExit(last, seen, passed);

  if (!seen.ready) {
    return failure(
      'RUNTIME_UNAVAILABLE',
      `The worker could not start the run: ${lastLine(seen.stderrTail) || ending(seen)}`,
    );
  }
  if (HEAP_EXHAUSTED.test(seen.stderrTail) && seen.exitCode !== 0) return passed.OUT_OF_MEMORY();
  if (signalOf(seen) === 'SIGXFSZ') return passed.DISK_LIMIT_EXCEEDED();
  if (seen.cancelRequested) return failure('CANCELLED', 'The run was cancelled.');
  return failure('PROCESS_CRASHED', `The process ended without giving a result: ${ending(seen)}.`);
}

function judgeError(
  error: ErrorFrame,
  seen: Observations,
  passed: Record<'OUT_OF_MEMORY' | 'PROCESS_LIMIT_EXCEEDED' | 'DISK_LIMIT_EXCEEDED', () => Verdict>,
): Verdict {
  if (error.outOfMemory === true || error.errno === 'ENOMEM') return passed.OUT_OF_MEMORY();
  const spawning = error.syscall !== null && /spawn|fork|clone/.test(error.syscall);
  if (error.errno === 'EAGAIN' && spawning) return passed.PROCESS_LIMIT_EXCEEDED();
  if (error.syscall === 'spawn' && error.errno === null) return passed.PROCESS_LIMIT_EXCEEDED();
  if ((error.errno !== null && DISK_FULL.has(error.errno)) || isFull(error, seen))
    return passed.DISK_LIMIT_EXCEEDED();
  const message = error.message.slice(0, 3_000);
  switch (error.stage) {
    case 'load':
      return failure('SERVICE_INVALID', `The code of the service could not be loaded: ${message}`);
    case 'result':
      return failure(
        'RESULT_INVALID',
        `The service returned a value that cannot be written as JSON: ${message}`,
      );
    case 'result-file':
      return failure('RESULT_INVALID', `What the command wrote to its result file is not JSON: ${message}`);
    case 'prepare':
      return failure('RUNTIME_UNAVAILABLE', `The worker could not prepare the command: ${message}`);
    case 'run':
      return seen.cancelRequested
        ? failure('CANCELLED', 'The run was cancelled.')
        : failure('SERVICE_EXCEPTION', message);
  }
}

function judgeExit(
  exit: ExitFrame,
  seen: Observations,
  passed: Record<'DISK_LIMIT_EXCEEDED' | 'PROCESS_LIMIT_EXCEEDED', () => Verdict>,
): Verdict {
  const signal = SIGNALS[exit.code - SIGNAL_EXIT_BASE];
  if (FORK_REFUSED.test(seen.stderrTail)) return passed.PROCESS_LIMIT_EXCEEDED();
  if (isFull(exit, seen) || signal === 'SIGXFSZ') return passed.DISK_LIMIT_EXCEEDED();
  if (seen.cancelRequested) return failure('CANCELLED', 'The run was cancelled.');
  const how = `exit code ${exit.code}${signal === undefined ? '' : ` (${signal})`}`;
  const said = seen.stderrTail
    .trim()
    .split('\n')
    .slice(-TOLD_STDERR_LINES)
    .join('\n')
    .slice(-TOLD_STDERR_LENGTH);
  return failure('COMMAND_FAILED', `The ${exit.what} ended with ${how}${said === '' ? '.' : `:\n${said}`}`);
}

const isFull = ({ freeDiskBytes }: { readonly freeDiskBytes: number }, { limits }: Observations): boolean =>
  freeDiskBytes < Math.min(NEARLY_FULL_BYTES, limits.diskBytes / 10);

const tooLarge = (limits: SandboxLimits, size?: number): Verdict =>
  failure(
    'RESULT_TOO_LARGE',
    `The result${size === undefined ? '' : ` has ${mib(size)} and`} is larger than the ${mib(limits.resultBytes)} that the target accepts.`,
  );

/** bwrap tells a signal of its child as exit code 128 + n. */
function signalOf(seen: Observations): string | undefined {
  if (seen.signal !== null) return seen.signal;
  const number = (seen.exitCode ?? 0) - SIGNAL_EXIT_BASE;
  return number > 0 ? (SIGNALS[number] ?? `signal ${number}`) : undefined;
}

const ending = (seen: Observations): string => signalOf(seen) ?? `exit code ${seen.exitCode ?? 'unknown'}`;

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 500) ?? '';
