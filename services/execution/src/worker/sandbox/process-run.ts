import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { composeLaunch, type LaunchTools } from './command.js';
import { createFrameReader, type Frame } from './frames.js';
import { judge, LINE_BYTES, type KillReason, type Observations } from './judge.js';
import { createLogLines } from './log-lines.js';
import { createMask } from './mask.js';
import type { MeterDriver } from './meter.js';
import { findByEnvironment } from './process-tree.js';
import type { CommandProgram, LogLine, RunListener, RunOutcome, RunSpec } from './run-spec.js';

/** One run from spawn to verdict: pumps its log and frames, watches its limits, ends the whole tree. */
export interface RunningProcess {
  readonly outcome: Promise<RunOutcome>;
  /** Tells user code; what has not ended by itself after the grace is killed. */
  cancel(): void;
  /** Ends it at once. */
  kill(): void;
}

export interface ProcessRunOptions {
  readonly spec: RunSpec;
  readonly name: string;
  readonly jobFolder: string;
  /** Where an unsandboxed run works; a sandboxed one has its own /work. */
  readonly workFolder: string;
  readonly tools: LaunchTools;
  readonly meters: MeterDriver;
  readonly listener: RunListener;
  readonly cancelGraceMs: number;
}

/** How long a process may take to leave after it has given its result, and its pipes to close after that. */
const LEAVE_MS = 2_000;
const TOLD_PROGRESS_LENGTH = 500;
const STDERR_TAIL_LENGTH = 4_096;

export function startProcess(options: ProcessRunOptions): RunningProcess {
  const { spec, tools, meters, listener } = options;
  const { limits } = spec;
  const mask = createMask('program' in spec ? spec.program.secrets : []);
  const meter = meters.open(options.name, limits);
  const marker = `WEFT_RUN=${process.pid}-${options.name}`;
  const launch = composeLaunch(
    {
      harness: 'program' in spec ? 'COMMAND' : spec.runtime,
      onPath: 'program' in spec ? spec.program.runtime : null,
      jobFolder: options.jobFolder,
      limits,
      join: meter.join,
      enforced: meters.enforced,
    },
    tools,
  );

  const startedAt = performance.now();
  const child = spawn(launch.command, launch.args, {
    cwd: launch.sandboxArgs === undefined ? options.workFolder : '/',
    env: launch.sandboxArgs === undefined ? unsandboxedEnvironment(options.workFolder, marker) : {},
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', launch.sandboxArgs === undefined ? 'ignore' : 'pipe'],
    // An own process group: Ctrl-C at the terminal reaches the worker, which drains, and not its runs.
    detached: true,
  });

  let killedFor: KillReason | undefined;
  let cancelRequested = false;
  let ready = false;
  let last: Observations['last'];
  let spawnError = '';
  let stderrTail = '';
  let logBytes = 0;
  let linesLeft = Math.ceil(limits.logBytes / LINE_BYTES);
  let reading = { peakMemoryBytes: 0, cpuMs: 0, outOfMemory: false, processesRefused: false };
  const timers = new Set<NodeJS.Timeout>();

  const killTree = (): void => {
    if (child.pid === undefined) return;
    signalGroup(child.pid);
    if (launch.sandboxArgs === undefined) for (const pid of findByEnvironment(marker)) signalProcess(pid);
  };
  const killFor = (reason: KillReason): void => {
    killedFor ??= reason;
    killTree();
  };
  const later = (ms: number, work: () => void): void => {
    timers.add(setTimeout(work, ms));
  };
  const stopTimers = (): void => {
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
  };

  const look = (): void => {
    if (child.pid === undefined) return;
    reading = meter.read(child.pid);
    if (child.exitCode !== null || child.signalCode !== null || last !== undefined) return;
    if (reading.outOfMemory) killFor('memory');
    else if (reading.processesRefused) killFor('processes');
  };
  const watch = setInterval(look, meters.intervalMs);
  later(limits.timeMs, () => killFor('time'));

  const frames = createFrameReader(limits.resultBytes, {
    frame(frame: Frame) {
      if (frame.type === 'ready') ready = true;
      else if (frame.type === 'progress') {
        const { fraction, message } = frame;
        listener.progress(
          fraction,
          message === null ? null : mask.text(message).slice(0, TOLD_PROGRESS_LENGTH),
        );
      } else if (last === undefined) {
        last = frame;
        stopTimers();
        later(LEAVE_MS, killTree);
      }
    },
    garbage: () => killFor('garbage'),
  });

  const pump = (stream: 'stdout' | 'stderr', source: Readable | null): Promise<void> => {
    const tell = (line: LogLine): void => {
      // From lines, not from bytes: a tail that begins inside a secret could not be recognized as one.
      if (stream === 'stderr') stderrTail = `${stderrTail}${line.text}\n`.slice(-STDERR_TAIL_LENGTH);
      if (linesLeft > 0) listener.log(line);
      if (linesLeft === 0) killFor('log');
      linesLeft -= 1;
    };
    const lines = createLogLines(stream, tell, mask.stream());
    return new Promise((resolve) => {
      source?.on('data', (chunk: Buffer) => {
        const room = Math.max(0, limits.logBytes - logBytes);
        logBytes += chunk.length;
        if (room > 0) lines.push(chunk.subarray(0, room));
        if (chunk.length > room) killFor('log');
      });
      source?.on('error', () => undefined);
      source?.once('close', () => {
        lines.end();
        resolve();
      });
    });
  };
  const pumps = [pump('stdout', child.stdout), pump('stderr', child.stderr)];
  const results = child.stdio[3] as Readable;
  results.on('data', (chunk: Buffer) => frames.push(chunk));
  results.on('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  giveArguments(child, launch.sandboxArgs);
  if ('program' in spec) child.stdin?.write(`${JSON.stringify(wordsOf(spec.program))}\n`);

  const outcome = (async (): Promise<RunOutcome> => {
    const { exitCode, signal } = await new Promise<{ exitCode: number | null; signal: string | null }>(
      (resolve) => {
        child.once('error', (error) => {
          spawnError = error.message;
          resolve({ exitCode: null, signal: null });
        });
        child.once('exit', (code, name) => resolve({ exitCode: code, signal: name }));
      },
    );
    const wallMs = Math.round(performance.now() - startedAt);
    // In an unsandboxed run children may have outlived it; in a sandbox the kernel has ended them with its init.
    killTree();
    later(LEAVE_MS, () => [child.stdout, child.stderr, results].forEach((one) => one?.destroy()));
    await Promise.all([...pumps, closed(results)]);
    clearInterval(watch);
    stopTimers();
    if (child.pid !== undefined) reading = meter.read(child.pid);
    await meter.close();
    const verdict = judge({
      killedFor, cancelRequested, ready, last, exitCode, signal, limits,
      outOfMemory: reading.outOfMemory,
      processesRefused: reading.processesRefused,
      stderrTail: spawnError || stderrTail,
    }); // prettier-ignore
    const ownCpuMs = last?.type === 'result' ? last.cpuMs : 0;
    return {
      end: verdict.ok
        ? { ok: true, resultJson: mask.json(verdict.resultJson) }
        : { ok: false, failure: { code: verdict.failure.code, message: mask.text(verdict.failure.message) } },
      exitCode,
      usage: { wallMs, cpuMs: Math.max(reading.cpuMs, ownCpuMs), peakMemoryBytes: reading.peakMemoryBytes },
    };
  })();

  return {
    outcome,
    cancel() {
      if (cancelRequested || last !== undefined) return;
      cancelRequested = true;
      child.stdin?.write('cancel\n');
      later(options.cancelGraceMs, () => killFor('cancel'));
    },
    kill: () => killFor('cancel'),
  };
}

/** What the harness of commands is told: by its standard input, so that no secret lies on a disk or in a command line. */
const wordsOf = ({ command, startScript, workingDirectory, environment, file }: CommandProgram) => ({
  command,
  startScript,
  workingDirectory,
  environment,
  fileName: file?.name ?? null,
});

const unsandboxedEnvironment = (folder: string, marker: string): NodeJS.ProcessEnv => {
  const [name, value] = marker.split('=') as [string, string];
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: folder,
    TMPDIR: folder,
    LANG: 'C.UTF-8',
    [name]: value,
  };
};

function giveArguments(child: ChildProcess, args: readonly string[] | undefined): void {
  const channel = child.stdio[4] as Writable | null | undefined;
  if (args === undefined || channel === null || channel === undefined) return;
  channel.on('error', () => undefined);
  channel.end(args.map((one) => `${one}\0`).join(''));
}

const closed = (stream: Readable): Promise<void> =>
  stream.closed ? Promise.resolve() : new Promise((resolve) => stream.once('close', () => resolve()));

const signalGroup = (pid: number): void => signalProcess(-pid);

function signalProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
