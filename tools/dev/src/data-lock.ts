// One supervisor a data folder. Locks are numbered: each number is claimed by exactly one process, by making a hard
// link, and only a higher number ever takes over. So two starts that both find a dead holder cannot both win.
import { randomBytes } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@weft/errors';
import { isRunning, processFacts } from '@weft/embedded';

interface Holder {
  readonly pid: number;
  readonly startTicks: string | undefined;
  readonly boot: string | undefined;
}

const NAME = /^supervisor\.lock\.(\d+)$/;
const TRIES = 50;

/** Takes the lock of the data folder or throws CONFLICT naming its living holder. It ends with this process. */
export function lockData(dataDir: string, describeHolder: (pid: number) => string): void {
  const draft = join(dataDir, `supervisor.draft.${randomBytes(4).toString('hex')}`);
  writeFileSync(draft, JSON.stringify(holderNow()), { mode: 0o600 });
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      const last = Math.max(0, ...numbers(dataDir));
      const holder = last === 0 ? undefined : readHolder(fileOf(dataDir, last));
      if (holder !== undefined && lives(holder)) {
        throw new AppError('CONFLICT', describeHolder(holder.pid), { pid: holder.pid });
      }
      if (claim(dataDir, last + 1, draft)) return;
    }
    throw new AppError('INTERNAL', `The lock of ${dataDir} could not be taken.`);
  } finally {
    rmSync(draft, { force: true });
  }
}

function claim(dataDir: string, number: number, draft: string): boolean {
  try {
    linkSync(draft, fileOf(dataDir, number));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  // Whoever was away for long may have claimed a number that others have passed and removed.
  if (Math.max(...numbers(dataDir)) !== number) {
    rmSync(fileOf(dataDir, number), { force: true });
    return false;
  }
  for (const old of numbers(dataDir)) if (old < number) rmSync(fileOf(dataDir, old), { force: true });
  return true;
}

const fileOf = (dataDir: string, number: number): string => join(dataDir, `supervisor.lock.${number}`);

const numbers = (dataDir: string): number[] =>
  readdirSync(dataDir).flatMap((name) => {
    const number = NAME.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });

const holderNow = (): Holder => ({
  pid: process.pid,
  startTicks: processFacts(process.pid)?.startTicks,
  boot: bootId(),
});

/** A pid alone is reused; with its start time and the boot it names one process. */
const lives = (holder: Holder): boolean =>
  isRunning(holder.pid) &&
  processFacts(holder.pid)?.startTicks === holder.startTicks &&
  bootId() === holder.boot;

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}
