import { accessSync, chmodSync, constants, existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { AppError } from '@weft/errors';
import { ANYBODY, isRoot, mayTraverse } from '@weft/embedded';

export interface Places {
  readonly repo: string;
  readonly dataDir: string;
  readonly cacheDir: string;
  /** Scratch of the sandbox: as root its processes have uids of their own and must be able to get there. */
  readonly sandboxDir: string;
}

/**
 * Makes the folders of a run. Root's data folder lets others pass, since PostgreSQL and the sandbox run as other users;
 * what is in it is closed to them by its own mode.
 */
export function choosePlaces(repo: string, dataSetting: string | undefined): Places {
  const asked = resolve(dataSetting ?? join(repo, '.weft'));
  try {
    return makePlaces(repo, asked);
  } catch (cause) {
    const { message } = cause as Error;
    throw new AppError(
      'CONFIG_INVALID',
      `The data folder cannot be used (${message}). Set WEFT_DATA_DIR to one that is yours.`,
      {},
      { cause },
    );
  }
}

function makePlaces(repo: string, asked: string): Places {
  mkdirSync(asked, { recursive: true, mode: 0o700 });
  const dataDir = realpathSync(asked);
  // Only one that is new: nobody else's choice is overruled.
  if (isRoot() && readdirSync(dataDir).length === 0) chmodSync(dataDir, 0o711);
  for (const name of ['artifacts', 'compile-cache', 'logs', 'worker']) {
    mkdirSync(join(dataDir, name), { recursive: true, mode: 0o700 });
  }
  const open = !isRoot() || mayTraverse(dataDir, ANYBODY);
  const sandboxDir = open ? join(dataDir, 'sandbox') : scratchOutside(dataDir);
  mkdirSync(sandboxDir, { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
  return { repo, dataDir, cacheDir: cacheOf(repo, dataDir), sandboxDir };
}

/** Where the sandbox's scratch lies when the data folder is closed to its users. */
export const scratchOutside = (dataDir: string): string =>
  `/var/lib/weft/sandbox-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;

/** The checkout's cache when it is filled or can be filled, else one in the data folder. */
function cacheOf(repo: string, dataDir: string): string {
  const shared = join(repo, '.cache');
  try {
    if (existsSync(join(shared, 'debian', 'nats-server'))) return shared;
    mkdirSync(shared, { recursive: true });
    accessSync(shared, constants.W_OK);
    return shared;
  } catch {
    return join(dataDir, 'cache');
  }
}
