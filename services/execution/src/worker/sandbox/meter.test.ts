import { mkdtempSync, readFileSync, rmSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LIMITS } from '../../testing/sandbox-rig.js';
import { createCgroupV1Driver } from './meter-cgroup-v1.js';
import { createCgroupV2Driver } from './meter-cgroup-v2.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weft-meter-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (...path: string[]): string => readFileSync(join(folder, ...path), 'utf8');

// An ordinary folder takes what is written as a cgroup would.
test('a size holds memory, processes and processors in version 2', () => {
  const meter = createCgroupV2Driver(folder).open('a', { ...LIMITS, cpus: 1.5 });
  const group = readdirSync(folder)[0] as string;
  expect([read(group, 'memory.max'), read(group, 'cpu.max')]).toEqual([
    String(LIMITS.memoryBytes),
    '150000 100000',
  ]);
  expect(meter.join).toEqual([join(folder, group, 'cgroup.procs')]);
});

test('and in version 1, where the processors have a group of their own', () => {
  const parents = { memory: folder, pids: folder, cpuacct: folder };
  const meter = createCgroupV1Driver({ ...parents, cpu: folder }).open('a', { ...LIMITS, cpus: 2 });
  const group = readdirSync(folder)[0] as string;
  expect(read(group, 'cpu.cfs_quota_us')).toBe('200000');
  expect(meter.join).toHaveLength(1);
  createCgroupV1Driver({ ...parents, cpu: folder }).open('b', LIMITS);
  createCgroupV1Driver(parents).open('c', { ...LIMITS, cpus: 2 });
  for (const other of readdirSync(folder).filter((name) => name !== group))
    expect(readdirSync(join(folder, other))).not.toContain('cpu.cfs_quota_us');
});
