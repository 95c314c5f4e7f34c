// A whole Weft as a stranger starts it, on a data folder of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const REPO = resolve(import.meta.dirname, '../../../..');
const READY_MS = 90_000;

interface Part {
  readonly url: string;
  readonly pid: number;
}

/** `<data>/run.json`, as docs/processes.md promises it to tools outside. */
export interface RunFile {
  readonly url: string;
  readonly gateway: Part;
  readonly subgraphs: Readonly<Record<'jobs' | 'registry' | 'marketplace' | 'execution', Part>>;
  readonly workers: readonly { readonly pid: number }[];
  readonly postgres: { readonly cluster: string | null };
  readonly supervisor: { readonly pid: number };
}

export interface Weft {
  readonly url: string;
  readonly token: string;
  readonly run: RunFile;
  /** From the command to `/readyz` answering 200. */
  readonly startedInMs: number;
  stop(): Promise<void>;
}

export interface DataFolder extends Disposable {
  readonly path: string;
}

export function newDataFolder(): DataFolder {
  const path = mkdtempSync(join(tmpdir(), 'weft-bench-'));
  // PostgreSQL's user must be able to pass.
  chmodSync(path, 0o711);
  return {
    path,
    [Symbol.dispose]() {
      const cluster = clusterOf(path);
      if (cluster !== null) rmSync(cluster, { recursive: true, force: true });
      rmSync(path, { recursive: true, force: true });
    },
  };
}

export interface StartOptions {
  readonly data: DataFolder;
  readonly env?: Readonly<Record<string, string>>;
  /** The command; `node tools/dev/start.mjs` by default. */
  readonly command?: readonly string[];
}

const START = [process.execPath, join(REPO, 'tools/dev/start.mjs'), '--no-sample'];

export async function startWeft({ data, env = {}, command = START }: StartOptions): Promise<Weft> {
  const startedAt = performance.now();
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: REPO,
    env: {
      ...process.env,
      PORT: '0',
      WEFT_DATA_DIR: data.path,
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'exit');
  const before = readRunFile(data.path)?.supervisor.pid;
  for (;;) {
    const run = readRunFile(data.path);
    if (run !== undefined && run.supervisor.pid !== before && (await isReady(run.url))) {
      return {
        url: run.url,
        token: readFileSync(join(data.path, 'token'), 'utf8').trim(),
        run,
        startedInMs: performance.now() - startedAt,
        async stop() {
          // Of `npm start` the supervisor is a grandchild.
          if (child.exitCode === null) process.kill(run.supervisor.pid, 'SIGTERM');
          await ended;
        },
      };
    }
    if (child.exitCode !== null || performance.now() - startedAt > READY_MS) {
      child.kill('SIGTERM');
      await ended;
      throw new Error(`Weft did not start:\n${output}`);
    }
    await new Promise((done) => setTimeout(done, 20));
  }
}

function readRunFile(data: string): RunFile | undefined {
  try {
    return JSON.parse(readFileSync(join(data, 'run.json'), 'utf8')) as RunFile;
  } catch {
    return undefined;
  }
}

const clusterOf = (data: string): string | null => readRunFile(data)?.postgres.cluster ?? null;

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`).then(
    (response) => response.status === 200,
    () => false,
  );
