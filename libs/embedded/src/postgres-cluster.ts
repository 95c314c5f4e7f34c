// Where the database files live, who owns them, and how they come to be.
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '@weft/errors';
import { writeAtomically } from './atomic-file.js';
import { isRoot, mayTraverse, unprivilegedUser, userById, type SystemUser } from './system-user.js';

const run = promisify(execFile);

export interface Cluster {
  readonly path: string;
  /** Whom its processes run as. */
  readonly user: SystemUser;
  readonly exists: boolean;
}

const OUTSIDE = '/var/lib/weft';

/**
 * `<data>/postgres`, or - for root, whose data folder may be closed to the user that PostgreSQL runs as - a folder
 * below /var/lib/weft that `<data>/postgres.json` names, so that it is found again also after the data folder was moved.
 */
export function locateCluster(dataDir: string): Cluster {
  const noted = readNote(dataDir);
  const path = noted ?? join(dataDir, 'postgres');
  if (existsSync(join(path, 'PG_VERSION'))) return { path, user: ownerOf(path), exists: true };
  if (noted !== undefined) {
    throw new AppError(
      'CONFIG_INVALID',
      `The database files of ${dataDir} should be in ${noted} (named in ${join(dataDir, 'postgres.json')}) and are gone. ` +
        `Restore them, or remove ${dataDir} to start anew.`,
    );
  }
  const user = isRoot() ? unprivilegedUser() : currentUser();
  if (user === undefined) {
    throw new AppError(
      'CONFIG_INVALID',
      'PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody here.',
    );
  }
  if (!isRoot() || mayTraverse(dataDir, user)) return { path, user, exists: false };
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  return { path: join(OUTSIDE, `${name}-${randomBytes(3).toString('hex')}`), user, exists: false };
}

/** Makes an empty cluster; what is there afterwards is complete or nothing. */
export async function createCluster(
  cluster: Cluster,
  dataDir: string,
  binaries: string,
  superPassword: string,
): Promise<void> {
  const { path, user } = cluster;
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  if (!mayTraverse(dirname(path), user)) chmodSync(dirname(path), 0o711);
  removeDrafts(path);
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  const passwordFile = `${draft}.password`;
  try {
    mkdirSync(draft, { mode: 0o700 });
    writeFileSync(passwordFile, superPassword, { mode: 0o600 });
    if (isRoot()) for (const own of [draft, passwordFile]) chownSync(own, user.uid, user.gid);
    const choices = [
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
    ];
    const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
    await run(
      join(binaries, 'bin', 'initdb'),
      ['-D', draft, ...choices, ...locale, '--no-sync', '--no-instructions'],
      {
        cwd: '/',
        ...(isRoot() ? { uid: user.uid, gid: user.gid } : {}),
      },
    );
    renameSync(draft, path);
    if (path !== join(dataDir, 'postgres')) {
      writeAtomically(
        join(dataDir, 'postgres.json'),
        `${JSON.stringify({ cluster: path, of: dataDir })}\n`,
        0o600,
      );
    }
  } catch (cause) {
    const detail = (cause as { stderr?: string }).stderr?.trim() || String(cause);
    throw new AppError(
      'INTERNAL',
      `The database files could not be made in ${path}: ${detail}`,
      {},
      { cause },
    );
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(draft, { recursive: true, force: true });
  }
}

/** What a start that was killed in the middle left behind. */
function removeDrafts(path: string): void {
  for (const name of readdirSync(dirname(path))) {
    if (name.startsWith(`${basename(path)}.`) && /\.[0-9a-f]{8}(\.password)?$/.test(name)) {
      rmSync(join(dirname(path), name), { recursive: true, force: true });
    }
  }
}

function readNote(dataDir: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8')) as { cluster: string }).cluster;
  } catch {
    return undefined;
  }
}

function ownerOf(path: string): SystemUser {
  const { uid } = statSync(path);
  if (!isRoot()) {
    const me = currentUser();
    if (me.uid === uid) return me;
    throw new AppError(
      'CONFIG_INVALID',
      `The database files in ${path} belong to user ${uid}; start as that user or as root.`,
    );
  }
  const owner = uid === 0 ? undefined : userById(uid);
  if (owner === undefined) {
    throw new AppError(
      'CONFIG_INVALID',
      `The database files in ${path} belong to user ${uid}, whom PostgreSQL cannot run as.`,
    );
  }
  if (!mayTraverse(path, owner)) {
    throw new AppError(
      'CONFIG_INVALID',
      `User ${owner.name}, who owns the database files, cannot reach ${path}: open the folders above it (chmod o+x).`,
    );
  }
  return owner;
}

function currentUser(): SystemUser {
  const { username, uid, gid } = userInfo();
  return { name: username, uid, gid };
}
