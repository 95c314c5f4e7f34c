// Runs inside the sandbox: loads one service file, calls run(data, params, context) and tells the launcher how
// it went. Frames (one JSON object a line) go out on fd 3, stdout and stderr are the log, control lines come in
// on stdin. Standard library only, no import from the platform: nothing else is visible here.
import { readFileSync, readSync, statfsSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';

const FRAMES = 3;
const PROGRESS_INTERVAL_MS = 100;

// Without a sandbox there is no /job and no /work: the folder comes as an argument.
const JOB = process.argv[2] ?? '/job';
const settings = JSON.parse(readFileSync(`${JOB}/context.json`, 'utf8'));

function writeAll(descriptor, bytes) {
  for (let sent = 0; sent < bytes.length;) sent += writeSync(descriptor, bytes, sent);
}

const sendFrame = (frame) => writeAll(FRAMES, Buffer.from(`${JSON.stringify(frame)}\n`));

// The log blocks when its reader is slow: nothing piles up in memory and nothing is lost at exit. Node's own streams do both.
for (const [name, descriptor] of [
  ['stdout', 1],
  ['stderr', 2],
]) {
  const stream = new Writable({
    decodeStrings: true,
    write(chunk, encoding, done) {
      writeAll(descriptor, chunk);
      done();
    },
  });
  stream.fd = descriptor;
  Object.defineProperty(process, name, { value: stream, configurable: true, enumerable: true });
}

const describe = (error) =>
  error instanceof Error ? `${error.name}: ${error.message}` : `Thrown value: ${String(error)}`;

function freeDiskBytes() {
  const { bavail, bsize } = statfsSync('.');
  return Number(bavail) * Number(bsize);
}

/** Ends the process with a failure that the launcher turns into a stable code. */
function fail(stage, error) {
  const trace = inspect(error)
    .split('\n')
    .filter((line) => !line.includes(`${JOB}/run.mjs`));
  process.stderr.write(`${trace.join('\n')}\n`);
  const errno = error?.code;
  sendFrame({
    type: 'error',
    stage,
    message: describe(error),
    errno: typeof errno === 'string' ? errno : null,
    syscall: typeof error?.syscall === 'string' ? error.syscall : null,
    freeDiskBytes: freeDiskBytes(),
  });
  process.exit(1);
}

// --- cancel: a control line on stdin aborts the signal; cancelled() also works in a loop that never yields.
const cancel = new AbortController();

function hear(chunk) {
  if (chunk.includes('cancel')) cancel.abort(new Error('The run was cancelled.'));
}

// Open as long as the run lasts: a run may wait for nothing but its signal.
process.stdin.on('data', hear);
process.stdin.on('error', () => undefined);

function cancelled() {
  if (cancel.signal.aborted) return true;
  const buffer = Buffer.alloc(256);
  try {
    const length = readSync(0, buffer);
    if (length > 0) hear(buffer.subarray(0, length));
  } catch {
    // Nothing waits on stdin.
  }
  return cancel.signal.aborted;
}

let lastProgressAt = 0;

function progress(fraction, message) {
  const now = Date.now();
  if (fraction < 1 && now - lastProgressAt < PROGRESS_INTERVAL_MS) return;
  lastProgressAt = now;
  const bounded = Number.isFinite(fraction) ? Math.min(1, Math.max(0, Number(fraction))) : null;
  sendFrame({
    type: 'progress',
    fraction: bounded,
    message: message === undefined ? null : String(message).slice(0, 500),
  });
}

process.on('uncaughtException', (error) => fail('run', error));
process.on('unhandledRejection', (error) => fail('run', error));

sendFrame({ type: 'ready' });

let run;
try {
  const service = await import(`${JOB}/service.js`);
  run = service.run ?? service.default?.run;
} catch (error) {
  fail('load', error);
}
if (typeof run !== 'function')
  fail('load', new TypeError('The service exports no function run(data, params, context).'));

const input = (name, form) => {
  const text = readFileSync(`${JOB}/${name}`, 'utf8');
  return form === 'text' ? text : JSON.parse(text);
};

const context = Object.freeze({
  jobId: settings.jobId,
  attempt: settings.attempt,
  item: settings.item,
  idempotencyKey: settings.idempotencyKey,
  deadline: settings.deadline,
  plannedFor: settings.plannedFor ?? null,
  signal: cancel.signal,
  cancelled,
  progress,
});

let value;
try {
  value = await run(input('data', settings.dataForm), input('params', settings.paramsForm), context);
} catch (error) {
  fail('run', error);
}

let text;
try {
  text = JSON.stringify(value) ?? 'null';
} catch (error) {
  fail('result', error);
}
const size = Buffer.byteLength(text);
if (size > settings.resultBytes) sendFrame({ type: 'too-large', size });
else
  sendFrame({
    type: 'result',
    text,
    cpuMs: Math.round(process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000),
  });
process.exit(0);
