import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ownGroups, readText, removeLeftovers, writeIfPossible } from './cgroup-files.js';
import { createCgroupV1Driver } from './meter-cgroup-v1.js';
import { createCgroupV2Driver } from './meter-cgroup-v2.js';
import { procMeterDriver } from './meter-proc.js';
import type { MeterDriver, MeterKind } from './meter.js';

const TRIAL_LIMITS = {
  timeMs: 1_000,
  memoryBytes: 64 * 1024 * 1024,
  processes: 8,
  diskBytes: 1,
  logBytes: 1,
  resultBytes: 1,
};

/** Tried for real: makes a group, lets a process join it, removes it. Permissions alone do not tell. */
async function works(driver: MeterDriver): Promise<boolean> {
  try {
    const meter = driver.open('trial', TRIAL_LIMITS);
    const script = 'for group in "$@"; do echo $$ > "$group" || exit 1; done';
    const joined = spawnSync('/bin/sh', ['-c', script, 'sh', ...meter.join], { stdio: 'ignore' });
    await meter.close();
    return joined.status === 0;
  } catch {
    return false;
  }
}

async function tryV2(own: string, root: string): Promise<MeterDriver | undefined> {
  for (let parent = own; parent.startsWith(root); parent = dirname(parent)) {
    const controllers = `${parent}/cgroup.subtree_control`;
    const has = (): boolean =>
      ['memory', 'pids'].every((one) => readText(controllers)?.split(' ').includes(one));
    if (!has()) writeIfPossible(controllers, '+memory +pids');
    writeIfPossible(controllers, '+cpu');
    if (has()) {
      await removeLeftovers(parent);
      const driver = createCgroupV2Driver(parent);
      if (await works(driver)) return driver;
    }
    if (parent === root) break;
  }
  return undefined;
}

async function tryV1(groups: ReadonlyMap<string, string>): Promise<MeterDriver | undefined> {
  const [memory, pids, cpuacct] = ['memory', 'pids', 'cpuacct'].map((one) => groups.get(one));
  if (memory === undefined || pids === undefined || cpuacct === undefined) return undefined;
  const needed = { memory, pids, cpuacct };
  for (const parents of [{ ...needed, cpu: groups.get('cpu') }, needed]) {
    for (const parent of new Set(Object.values(parents)))
      if (parent !== undefined) await removeLeftovers(parent);
    const driver = createCgroupV1Driver(parents);
    if (await works(driver)) return driver;
  }
  return undefined;
}

/** The strongest way to bound runs that this machine and user allow; `only` restricts the choice. */
export async function chooseMeter(only?: MeterKind): Promise<MeterDriver> {
  if (only === 'proc' || !existsSync('/proc/self/cgroup')) return procMeterDriver;
  const mountinfo = readFileSync('/proc/self/mountinfo', 'utf8');
  const mounts = ownGroups(mountinfo, readFileSync('/proc/self/cgroup', 'utf8'), existsSync);
  const paths = new Map(mounts.map((one) => [one.controller, one.path]));
  const unified = paths.get('');
  if (unified !== undefined && only !== 'cgroup-v1') {
    const root =
      mountinfo
        .split('\n')
        .find((line) => line.includes(' - cgroup2 '))
        ?.split(' ')[4] ?? unified;
    const driver = await tryV2(unified, root);
    if (driver !== undefined) return driver;
  }
  if (only !== 'cgroup-v2') {
    const driver = await tryV1(paths);
    if (driver !== undefined) return driver;
  }
  return procMeterDriver;
}
