import { readFileSync, statSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';

export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Someone without any right of their own: what the sandbox's users are. */
export const ANYBODY: SystemUser = { name: 'anybody', uid: -1, gid: -1 };

export const isRoot = (): boolean => process.getuid?.() === 0;

function users(): SystemUser[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4)
    .map(([name, , uid, gid]) => ({ name: name as string, uid: Number(uid), gid: Number(gid) }));
}

/** The user of this number that has an entry in /etc/passwd; PostgreSQL refuses to run as one without. */
export const userById = (uid: number): SystemUser | undefined => users().find((one) => one.uid === uid);

/** Whom PostgreSQL runs as when we are root, which it refuses to be: `postgres`, else `nobody`. */
export function unprivilegedUser(): SystemUser | undefined {
  const known = users();
  return ['postgres', 'nobody']
    .map((name) => known.find((one) => one.name === name))
    .find((one) => one !== undefined);
}

const READ = 4;
const EXECUTE = 1;

function allows(stats: Stats, user: SystemUser, bits: number): boolean {
  const shift = stats.uid === user.uid ? 6 : stats.gid === user.gid ? 3 : 0;
  return ((stats.mode >> shift) & bits) === bits;
}

/** Whether every folder on the way to (and including) this existing folder lets the user pass. */
export function mayTraverse(folder: string, user: SystemUser): boolean {
  for (let path = resolve(folder); ; path = dirname(path)) {
    if (!allows(statSync(path), user, EXECUTE)) return false;
    if (path === dirname(path)) return true;
  }
}

/** Whether the user can read this file (and run it, when it is executable for anyone). */
export function mayRead(file: string, user: SystemUser): boolean {
  const stats = statSync(file);
  const wanted = (stats.mode & 0o111) === 0 ? READ : READ | EXECUTE;
  return allows(stats, user, wanted) && mayTraverse(dirname(file), user);
}
