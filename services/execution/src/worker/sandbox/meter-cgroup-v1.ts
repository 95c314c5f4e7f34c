import {
  GROUP_PREFIX,
  makeGroup,
  readField,
  readNumber,
  removeGroup,
  write,
  writeIfPossible,
} from './cgroup-files.js';
import { SANDBOX_OVERHEAD_TASKS, type MeterDriver } from './meter.js';

/** The parents, by controller, below which each run gets its own groups. */
export interface CgroupV1Parents {
  readonly memory: string;
  readonly pids: string;
  readonly cpuacct: string;
  /** Absent where the worker may not make groups of it: processor time is not held then. */
  readonly cpu?: string | undefined;
}

const NS_PER_MS = 1_000_000;
/** The kernel's own. */
const CPU_PERIOD_US = 100_000;

/** Version 1: one group per controller. */
export function createCgroupV1Driver(parents: CgroupV1Parents): MeterDriver {
  return {
    kind: 'cgroup-v1',
    intervalMs: 100,
    enforced: true,
    open(name, limits) {
      const group = `${GROUP_PREFIX}${process.pid}-${name}`;
      const memory = `${parents.memory}/${group}`;
      const pids = `${parents.pids}/${group}`;
      const cpu = `${parents.cpuacct}/${group}`;
      const quota = parents.cpu === undefined ? undefined : `${parents.cpu}/${group}`;
      const groups = [...new Set([memory, pids, cpu, ...(quota === undefined ? [] : [quota])])];
      groups.forEach(makeGroup);
      write(`${memory}/memory.limit_in_bytes`, limits.memoryBytes);
      writeIfPossible(`${memory}/memory.memsw.limit_in_bytes`, limits.memoryBytes);
      writeIfPossible(`${memory}/memory.swappiness`, 0);
      if (quota !== undefined && limits.cpus !== undefined)
        writeIfPossible(`${quota}/cpu.cfs_quota_us`, Math.round(limits.cpus * CPU_PERIOD_US));
      write(`${pids}/pids.max`, limits.processes + SANDBOX_OVERHEAD_TASKS);
      return {
        join: groups.map((path) => `${path}/cgroup.procs`),
        read: () => ({
          peakMemoryBytes: readNumber(`${memory}/memory.max_usage_in_bytes`),
          cpuMs: Math.round(readNumber(`${cpu}/cpuacct.usage`) / NS_PER_MS),
          outOfMemory: readField(`${memory}/memory.oom_control`, 'oom_kill') > 0,
          processesRefused: readField(`${pids}/pids.events`, 'max') > 0,
        }),
        close: async () => void (await Promise.all(groups.map(removeGroup))),
      };
    },
  };
}
