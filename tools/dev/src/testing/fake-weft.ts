import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { commandLine, isRunning, processesMarked } from '@weft/embedded';
import { scratchOutside } from '../places.js';
import { readRunFile, type RunFile } from '../run-file.js';

const repo = resolve(import.meta.dirname, '../../../..');
const script = join(import.meta.dirname, 'fake-weft.mjs');

/** The supervisor runs as a process of its own, from the build. */
export const buildSupervisor = (): void => {
  execFileSync(process.execPath, [join(repo, 'node_modules/typescript/lib/tsc.js'), '-b', 'tools/dev'], {
    cwd: repo,
  });
};

export interface FakeWeft {
  readonly process: ChildProcess;
  output(): string;
  /** Resolves once the output has it; throws when the process ends without. */
  says(text: string): Promise<void>;
  ended(): Promise<number | null>;
}

export function startFakeWeft(
  dataDir: string,
  env: Record<string, string> = {},
  args: string[] = [],
  user: { uid?: number; gid?: number } = {},
): FakeWeft {
  const child = spawn(process.execPath, [script, '--no-sample', ...args], {
    ...user,
    env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), PORT: '0', ...env, WEFT_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const heard: (() => void)[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data.toString('utf8');
      for (const tell of heard) tell();
    });
  }
  const exit = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  return {
    process: child,
    output: () => output,
    says: (text) =>
      new Promise((done, reject) => {
        const tell = (): void => {
          if (output.includes(text)) done();
        };
        heard.push(tell);
        tell();
        void exit.then(() => reject(new Error(`ended without saying "${text}":\n${output}`)));
      }),
    ended: () => exit,
  };
}

export const newDataDir = (): string => mkdtempSync(join(tmpdir(), 'weft-dev-'));

export const removeDataDir = (dataDir: string): void => rmSync(dataDir, { recursive: true, force: true });

/** Removes what root keeps elsewhere when the data folder is closed. */
export function removeOutside(dataDir: string, cluster: string | null | undefined): void {
  for (const folder of [cluster, scratchOutside(dataDir)]) {
    if (folder?.startsWith('/var/lib/weft/') === true) rmSync(folder, { recursive: true, force: true });
  }
}

export function runFileOf(dataDir: string): RunFile {
  const content = readRunFile(dataDir);
  if (content === undefined) throw new Error(`${dataDir} has no run.json`);
  return content;
}

/** Every running process that has to do with the data folder: marked as a part, or naming it in its arguments. */
export const processesOf = (dataDir: string): number[] => [
  ...processesMarked(`WEFT_SUPERVISED=${dataDir}`),
  ...readdirSync('/proc')
    .map(Number)
    .filter((pid) => commandLine(pid).some((argument) => argument.includes(dataDir)) && isRunning(pid)),
];

export async function eventually<T>(
  what: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 10_000,
): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; ;) {
    const found = await what();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what.toString()}`);
    await new Promise((done) => setTimeout(done, 25));
  }
}
