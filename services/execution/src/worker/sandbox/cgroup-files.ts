import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Small operations on cgroup folders, shared by both versions of the driver. */
export const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
};

export const readNumber = (path: string): number => Number(readText(path) ?? 0);

/** The value of `name value` lines, as in memory.events. */
export const readField = (path: string, name: string): number =>
  Number(new RegExp(`^${name} (\\d+)`, 'm').exec(readText(path) ?? '')?.[1] ?? 0);

export const write = (path: string, value: string | number): void => writeFileSync(path, String(value));

/** For knobs that not every kernel has. */
export function writeIfPossible(path: string, value: string | number): boolean {
  try {
    write(path, value);
    return true;
  } catch {
    return false;
  }
}

export const makeGroup = (path: string): void => {
  mkdirSync(path);
};

const REMOVAL_TRIES = 100;

/** A group can be removed only when its last process has been reaped, which takes a moment after a kill. */
export async function removeGroup(path: string): Promise<void> {
  for (let tries = 0; tries < REMOVAL_TRIES; tries += 1) {
    killGroup(path);
    try {
      return rmdirSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      await delay(20);
    }
  }
}

export function killGroup(path: string): void {
  for (const pid of (readText(`${path}/cgroup.procs`) ?? '').split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

export const GROUP_PREFIX = 'weft-';

/** Groups are named `weft-<pid of the worker>-…`: those of workers that no longer live are leftovers. */
export async function removeLeftovers(parent: string): Promise<void> {
  let names: string[] = [];
  try {
    names = readdirSync(parent);
  } catch {
    return;
  }
  for (const name of names) {
    const owner = /^weft-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) await removeGroup(`${parent}/${name}`);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export interface CgroupMount {
  readonly controller: string;
  readonly path: string;
}

/** Where the cgroup of this process lies, by controller (`''` for version 2), as far as the file system shows it. */
export function ownGroups(
  mountinfo: string,
  cgroup: string,
  exists: (path: string) => boolean,
): CgroupMount[] {
  const found: CgroupMount[] = [];
  for (const line of mountinfo.split('\n')) {
    const [left, right] = line.split(' - ');
    const [, , , root, point] = (left ?? '').split(' ');
    const [type, , options] = (right ?? '').split(' ');
    if (point === undefined || root === undefined || (type !== 'cgroup' && type !== 'cgroup2')) continue;
    const controllers =
      type === 'cgroup2' ? [''] : (options ?? '').split(',').filter((one) => one !== 'rw' && one !== 'ro');
    for (const controller of controllers) {
      const entry = cgroup.split('\n').find((one) => {
        const names = one.split(':')[1];
        return controller === '' ? names === '' : names?.split(',').includes(controller);
      });
      if (entry === undefined) continue;
      const own = entry.split(':').slice(2).join(':');
      const below = own.startsWith(root) ? own.slice(root === '/' ? 0 : root.length) : own;
      const candidate = `${point}${below === '/' ? '' : below}`;
      found.push({ controller, path: exists(candidate) ? candidate : point });
    }
  }
  return found;
}
