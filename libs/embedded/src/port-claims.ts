// Between choosing a port and listening on it seconds pass, in which others that start on this machine may choose it too. So who
// chooses one leaves an empty file named after it, which the others respect for a while.
import { lstatSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Longer than a start takes on a busy machine; after it whoever listens is met by trying the port. */
const HELD_MS = 60_000;

/** Whether nobody else has chosen it just now; it is the caller's then. Where nothing can be written, nobody has. */
export function claimPort(port: number, folder = defaultFolder()): boolean {
  const file = join(folder, String(port));
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isOurs(folder)) return true;
    forgetOld(folder);
    writeFileSync(file, '', { flag: 'wx' });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EEXIST';
  }
}

/** For a port that was the caller's before: others leave it alone from now on. */
export function renewClaim(port: number, folder = defaultFolder()): void {
  if (claimPort(port, folder)) return;
  try {
    utimesSync(join(folder, String(port)), new Date(), new Date());
  } catch {
    // Cleared away meanwhile, which only happens to old ones.
  }
}

/** A folder for each user: in a shared one nobody could clear away what others left. */
const defaultFolder = (): string => join(tmpdir(), `weft-ports-${process.getuid?.() ?? 'all'}`);

/** In a folder that everybody may write to, somebody else may have put a link of that name to what is not to be cleared away. */
function isOurs(folder: string): boolean {
  const found = lstatSync(folder);
  return found.isDirectory() && found.uid === (process.getuid?.() ?? found.uid);
}

function forgetOld(folder: string): void {
  const before = Date.now() - HELD_MS;
  for (const name of readdirSync(folder).filter((one) => /^\d+$/.test(one))) {
    const file = join(folder, name);
    if ((statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) < before)
      rmSync(file, { force: true });
  }
}
