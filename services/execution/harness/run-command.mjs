// Runs inside the sandbox: starts shell commands, tells the launcher how they ended, hands on their result and progress.
// Frames (one JSON object a line) go out on fd 3, stdout and stderr are the log. On stdin comes one line with what to run
// (it holds secrets, so it lies in no file), then control lines. Standard library only.
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { constants as os } from 'node:os';
import { join } from 'node:path';

const FRAMES = 3;
const SHELL = '/bin/sh';
const PROGRESS_INTERVAL_MS = 100;
/** A longer message is left out and not cut: half a secret would not be known as one. */
const MAX_PROGRESS_LINE = 1_000;
/** How long what the command left running may hold its log open. */
const LAST_WORDS_MS = 300;

// Without a sandbox there is no /job and no /work: the folder comes as an argument.
const JOB = process.argv[2] ?? '/job';
const WORK = process.cwd();
const OWN = join(WORK, '.weft');
const RESULT = join(OWN, 'result.json');
const EXPORTED = join(OWN, 'exported');
/** Runs the start script, then keeps what it exported for the command. */
const START = 'eval "$1"; code=$?; [ "$code" = 0 ] && env -0 > "$2" 2> /dev/null; exit "$code"';
/** A shell's own bookkeeping. */
const OF_THE_SHELL = new Set(['_', 'PWD', 'OLDPWD', 'SHLVL']);
const settings = JSON.parse(readFileSync(`${JOB}/context.json`, 'utf8'));

function writeAll(descriptor, bytes) {
  for (let sent = 0; sent < bytes.length;) sent += writeSync(descriptor, bytes, sent);
}

const sendFrame = (frame) => writeAll(FRAMES, Buffer.from(`${JSON.stringify(frame)}\n`));

function freeDiskBytes() {
  const { bavail, bsize } = statfsSync(WORK);
  return Number(bavail) * Number(bsize);
}

function fail(stage, error) {
  sendFrame({
    type: 'error',
    stage,
    message: error instanceof Error ? error.message : String(error),
    errno: typeof error?.code === 'string' ? error.code : null,
    syscall: typeof error?.syscall === 'string' ? error.syscall : null,
    freeDiskBytes: freeDiskBytes(),
  });
  process.exit(1);
}

process.on('uncaughtException', (error) => fail('prepare', error));
process.on('unhandledRejection', (error) => fail('prepare', error));

// --- what the launcher says
let cancelled = false;
let running;
let heard = '';
const program = new Promise((resolve) => {
  let first = true;
  process.stdin.setEncoding('utf8');
  process.stdin.on('error', () => undefined);
  process.stdin.on('data', (chunk) => {
    heard += chunk;
    for (let end = heard.indexOf('\n'); end !== -1; end = heard.indexOf('\n')) {
      const line = heard.slice(0, end);
      heard = heard.slice(end + 1);
      if (first) resolve(JSON.parse(line));
      else if (line === 'cancel') cancel();
      first = false;
    }
  });
});

function cancel() {
  cancelled = true;
  signalGroup('SIGTERM');
}

function signalGroup(signal) {
  try {
    if (running !== undefined) process.kill(-running.pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

// --- log: named pipes, because what node gives its children cannot be opened again as /dev/stdout or /dev/stderr
function openLog(name, descriptor) {
  const path = join(OWN, name);
  try {
    execFileSync('mkfifo', ['-m', '600', path], { stdio: 'ignore' });
  } catch {
    return { fd: 'inherit', end: async () => undefined };
  }
  const source = new Socket({
    fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
    writable: false,
  });
  const fd = openSync(path, constants.O_WRONLY);
  // Blocks when the reader is slow: nothing piles up here.
  source.on('data', (chunk) => writeAll(descriptor, chunk));
  const ended = new Promise((resolve) => source.once('close', resolve));
  source.on('error', () => undefined);
  source.on('end', () => source.destroy());
  return {
    fd,
    end: async () => {
      closeSync(fd);
      const timer = setTimeout(() => source.destroy(), LAST_WORDS_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

// --- progress: lines `<fraction> <message>` on the command's descriptor 3
let lastProgressAt = 0;

function tellProgress(line) {
  const [, number, message] = /^\s*(\d*\.?\d+)(?:\s+(.*))?$/.exec(line) ?? [];
  const fraction = number === undefined ? null : Math.min(1, Number(number));
  const now = Date.now();
  if (fraction !== 1 && now - lastProgressAt < PROGRESS_INTERVAL_MS) return;
  lastProgressAt = now;
  const text = number === undefined ? line.trim() : (message ?? '').trim();
  sendFrame({
    type: 'progress',
    fraction,
    message: text === '' || line.length > MAX_PROGRESS_LINE ? null : text,
  });
}

function hearProgress(source) {
  let rest = '';
  source.setEncoding('utf8');
  source.on('error', () => undefined);
  source.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = (lines.pop() ?? '').slice(0, MAX_PROGRESS_LINE + 1);
    for (const line of lines) if (line.trim() !== '') tellProgress(line);
  });
}

/** One shell to its end; its exit code as a shell tells it. */
function run(args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(SHELL, ['-c', ...args], {
      cwd,
      env,
      stdio: ['ignore', log.stdout.fd, log.stderr.fd, 'pipe'],
      // A process group of its own: a cancellation reaches all of it, and not this harness.
      detached: true,
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (os.signals[signal] ?? 0)));
    if (child.pid !== undefined) running = child;
    hearProgress(child.stdio[3]);
    if (cancelled) cancel();
  });
}

sendFrame({ type: 'ready' });
const { command, startScript, workingDirectory, environment, fileName } = await program;

mkdirSync(OWN, { recursive: true });
const cwd = join(WORK, workingDirectory ?? '');
mkdirSync(cwd, { recursive: true });
if (fileName !== null) {
  copyFileSync(`${JOB}/code`, join(cwd, fileName));
  chmodSync(join(cwd, fileName), 0o755);
}
const given = {
  PATH: process.env.PATH,
  HOME: WORK,
  TMPDIR: process.env.TMPDIR,
  LANG: process.env.LANG,
  ...environment,
};
const own = {
  WEFT_JOB_ID: settings.jobId,
  WEFT_ATTEMPT: String(settings.attempt),
  WEFT_ITEM: String(settings.item),
  WEFT_IDEMPOTENCY_KEY: settings.idempotencyKey,
  WEFT_DEADLINE: settings.deadline ?? '',
  WEFT_PLANNED_FOR: settings.plannedFor ?? '',
  WEFT_DATA_FILE: `${JOB}/data`,
  WEFT_PARAMS_FILE: `${JOB}/params`,
  WEFT_RESULT_FILE: RESULT,
};
const log = { stdout: openLog('stdout', 1), stderr: openLog('stderr', 2) };

let what = 'start script';
let code = startScript === null ? 0 : await run([START, 'sh', startScript, EXPORTED], { ...given, ...own });
if (code === 0 && !cancelled) {
  what = 'command';
  code = await run([command], { ...given, ...exported(), ...own });
} else if (code === 0) code = 128 + os.signals.SIGTERM;
// What it left running ends with it.
signalGroup('SIGKILL');
await Promise.all([log.stdout.end(), log.stderr.end()]);

if (code === 0) sendResult();
else sendFrame({ type: 'exit', what, code, freeDiskBytes: freeDiskBytes() });
process.exit(code);

function exported() {
  if (!existsSync(EXPORTED)) return {};
  const text = readFileSync(EXPORTED, 'utf8');
  rmSync(EXPORTED);
  const entries = text.split('\0').filter((entry) => entry.includes('='));
  const pairs = entries.map((entry) => [
    entry.slice(0, entry.indexOf('=')),
    entry.slice(entry.indexOf('=') + 1),
  ]);
  return Object.fromEntries(pairs.filter(([name]) => !OF_THE_SHELL.has(name)));
}

function sendResult() {
  const file = existsSync(RESULT) ? statSync(RESULT) : undefined;
  if (file?.isFile() !== true) return tellResult('null');
  if (file.size > settings.resultBytes) return sendFrame({ type: 'too-large', size: file.size });
  const text = readFileSync(RESULT, 'utf8').trim();
  if (text === '') return tellResult('null');
  try {
    JSON.parse(text);
  } catch (error) {
    // Not what is there: it may be part of a secret.
    const [place] = /position \d+( \(line \d+ column \d+\))?/.exec(String(error)) ?? ['its end'];
    fail('result-file', new Error(`the mistake is at ${place}`));
  }
  tellResult(text);
}

function tellResult(text) {
  const { user, system } = process.cpuUsage();
  sendFrame({ type: 'result', text, cpuMs: Math.round((user + system) / 1_000) });
}
