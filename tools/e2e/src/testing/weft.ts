// A whole Weft as a stranger starts it: `npm start`'s entry in a process of its own, on a fresh data folder.
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually, whenFileEnds } from '@weft/testkit';

export const REPO = resolve(import.meta.dirname, '../../../..');

export interface Part {
  readonly url: string;
  readonly port: number;
  readonly pid: number | null;
}

/** `<data>/run.json`, as docs/processes.md promises it to tools outside. */
export interface RunFile {
  readonly url: string;
  readonly gateway: Part;
  readonly subgraphs: Readonly<Record<'jobs' | 'registry' | 'marketplace' | 'execution', Part>>;
  readonly workers: readonly {
    readonly id: string;
    readonly pid: number | null;
    readonly targets: readonly string[];
  }[];
  readonly nats: Part;
  readonly postgres: Part & { readonly cluster: string | null };
  readonly supervisor: { readonly pid: number };
}

export interface Weft {
  readonly data: string;
  readonly url: string;
  readonly token: string;
  /** What it has printed so far. */
  output(): string;
  run(): RunFile;
  /** SIGKILLs a part and waits until the supervisor has another one running. */
  killAndAwaitRestart(pidOf: (run: RunFile) => number | null): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface WeftOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly data?: string;
}

export function newDataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'weft-e2e-'));
  // The mode that `npm start` gives a new data folder of root: PostgreSQL's user must be able to pass.
  chmodSync(folder, 0o711);
  return folder;
}

/** Starts and waits until ready; stopped, and its data removed, at the end of the test file. */
export async function startWeft(options: WeftOptions = {}): Promise<Weft> {
  const data = options.data ?? newDataFolder();
  const child = spawn(
    process.execPath,
    [join(REPO, 'tools/dev/start.mjs'), ...(options.args ?? ['--no-sample'])],
    {
      cwd: REPO,
      env: { ...process.env, PORT: '0', WEFT_DATA_DIR: data, NODE_ENV: 'production', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));

  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return ended;
  };
  whenFileEnds(async () => {
    await stop();
    const { postgres } = lastRun ?? {};
    if (postgres?.cluster !== null && postgres?.cluster !== undefined)
      rmSync(postgres.cluster, { recursive: true, force: true });
    rmSync(data, { recursive: true, force: true });
  });

  let lastRun: RunFile | undefined;
  const run = (): RunFile => (lastRun = JSON.parse(readFileSync(join(data, 'run.json'), 'utf8')) as RunFile);
  await eventually('a ready Weft', () => ready(child, run, () => output), 60_000);
  return {
    data,
    url: run().url,
    token: readFileSync(join(data, 'token'), 'utf8').trim(),
    output: () => output,
    run,
    async killAndAwaitRestart(pidOf) {
      const pid = pidOf(run());
      if (pid === null) throw new Error('the part is not running');
      process.kill(pid, 'SIGKILL');
      await eventually('the part running again', () => {
        const now = pidOf(run());
        return now !== null && now !== pid;
      });
    },
    stop,
  };
}

async function ready(child: ChildProcess, run: () => RunFile, output: () => string): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`Weft ended with ${child.exitCode}:\n${output()}`);
  const { url } = run();
  return (await fetch(`${url}/readyz`)).status === 200;
}
