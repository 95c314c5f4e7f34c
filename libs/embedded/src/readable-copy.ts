// Files that another user must be able to read or run, although the checkout may lie in a home directory of mode 0700.
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { AppError } from '@weft/errors';
import { ANYBODY, isRoot, mayRead, mayTraverse, type SystemUser } from './system-user.js';

/** The first folder among the project's cache and the system's that we can write and the user can pass. */
export function cacheFolderFor(user: SystemUser, cacheDir: string): string {
  const candidates = isRoot()
    ? [cacheDir, '/var/cache/weft', '/var/lib/weft/cache']
    : [cacheDir, join(homedir(), '.cache', 'weft')];
  for (const folder of candidates) {
    try {
      mkdirSync(folder, { recursive: true });
      const draft = join(folder, `.probe-${randomBytes(4).toString('hex')}`);
      mkdirSync(draft);
      rmSync(draft, { recursive: true });
      if (user.uid === process.getuid?.() || mayTraverse(folder, user)) return folder;
    } catch {
      // Not writable: the next one.
    }
  }
  throw new AppError(
    'CONFIG_INVALID',
    `None of ${candidates.join(', ')} can be written and is open to user ${user.name}.`,
  );
}

/**
 * The path of this file, or of a copy of it, that any user can read and run. Only root, who gives its children other
 * uids, needs a copy; an ordinary user's sandbox keeps the user's own rights.
 */
export function readableCopy(path: string, cacheDir: string): string {
  if (!isRoot() || mayRead(path, ANYBODY)) return path;
  const folder = join(cacheFolderFor(ANYBODY, cacheDir), 'bin', fingerprint(path));
  const copy = join(folder, basename(path));
  if (existsSync(copy)) return copy;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const draft = join(folder, `.${randomBytes(4).toString('hex')}`);
  copyFileSync(path, draft);
  chmodSync(draft, 0o755);
  renameSync(draft, copy);
  for (let parent = dirname(copy); parent !== dirname(dirname(folder)); parent = dirname(parent))
    chmodSync(parent, 0o755);
  return copy;
}

/** Size, head and tail: enough to tell two builds of a program apart without reading a hundred megabytes at each start. */
function fingerprint(path: string): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const hash = createHash('sha256').update(`${size}`);
    for (const position of [0, Math.max(0, size - 262_144)]) {
      const part = Buffer.alloc(Math.min(size, 262_144));
      readSync(file, part, 0, part.length, position);
      hash.update(part);
    }
    return hash.digest('hex').slice(0, 16);
  } finally {
    closeSync(file);
  }
}
