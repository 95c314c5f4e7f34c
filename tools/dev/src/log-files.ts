import { mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const MAX_BYTES = 10 * 1024 * 1024;
const KEPT = 3;

/** The log of a part, `<data>/logs/<part>.log`; a large one is moved to `.1` … `.3` before the part starts. */
export function logFileOf(dataDir: string, part: string, maxBytes: number = MAX_BYTES): string {
  const folder = join(dataDir, 'logs');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${part}.log`);
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxBytes) {
    for (let number = KEPT; number > 0; number--) {
      const older = number === 1 ? file : `${file}.${number - 1}`;
      if (statSync(older, { throwIfNoEntry: false }) !== undefined) renameSync(older, `${file}.${number}`);
    }
  }
  return file;
}
