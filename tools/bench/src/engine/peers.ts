// The peers live in a package of their own, installed when they are first asked for: the project itself needs none of them.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { REPO } from '../platform/weft.js';

const FOLDER = join(REPO, 'tools/bench/peers');

/** Installs them as the lock file says, unless they are there. */
export function ensurePeers(): void {
  const installed = join(FOLDER, 'node_modules/.package-lock.json');
  if (existsSync(installed) && !isNewer(join(FOLDER, 'package-lock.json'), installed)) return;
  try {
    execFileSync('npm', ['ci', '--prefix', FOLDER, '--ignore-scripts'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (cause) {
    throw new Error(`the peers could not be installed: npm ci --prefix ${FOLDER}`, { cause });
  }
}

const packagesOf = (lock: string): string =>
  JSON.stringify(
    Object.entries(
      (JSON.parse(readFileSync(lock, 'utf8')) as { packages: Record<string, { version?: string }> }).packages,
    )
      .filter(([path]) => path !== '')
      .map(([path, { version }]) => [path, version]),
  );

const isNewer = (wanted: string, installed: string): boolean => packagesOf(wanted) !== packagesOf(installed);

/** A peer's module; its types are said by who uses it. */
export async function peer<Module>(name: string): Promise<Module> {
  const file = createRequire(join(FOLDER, 'package.json')).resolve(name);
  return (await import(pathToFileURL(file).href)) as Module;
}

interface Query {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Calls back after every successful query of any connection of the peers. */
export async function watchQueries(answered: (query: Query) => void): Promise<void> {
  interface Submitted {
    readonly text?: string;
    readonly values?: readonly unknown[];
    callback?: ((error: unknown, ...rest: unknown[]) => void) | undefined;
  }
  type Ask = (this: unknown, config: unknown, ...rest: unknown[]) => unknown;
  const { default: pg } = await peer<{ default: { Client: { prototype: { query: Ask } } } }>('pg');
  const { prototype } = pg.Client;
  const ask = prototype.query;
  prototype.query = function query(config, ...rest) {
    const given = (typeof config === 'string' ? { text: config } : config) as Submitted;
    const values = (Array.isArray(rest[0]) ? rest[0] : given.values) as readonly unknown[] | undefined;
    const told = (): void => answered({ text: given.text ?? '', values: values ?? [] });
    const at = rest.findIndex((one) => typeof one === 'function');
    const callback = rest[at] as ((error: unknown, ...more: unknown[]) => void) | undefined;
    if (callback === undefined) {
      const answer = ask.call(this, config, ...rest);
      if (answer instanceof Promise) void answer.then(told, () => undefined);
      return answer;
    }
    const wrapped = (error: unknown, ...more: unknown[]): void => {
      callback(error, ...more);
      if (error === null || error === undefined) told();
    };
    return ask.call(this, config, ...rest.with(at, wrapped));
  };
}
