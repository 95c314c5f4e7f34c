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

const US_PER_MS = 1_000;
const CPU_PERIOD_US = 100_000;

/** Version 2: one group below a parent whose `cgroup.subtree_control` has memory and pids. */
export function createCgroupV2Driver(parent: string): MeterDriver {
  return {
    kind: 'cgroup-v2',
    intervalMs: 100,
    enforced: true,
    open(name, limits) {
      const group = `${parent}/${GROUP_PREFIX}${process.pid}-${name}`;
      makeGroup(group);
      write(`${group}/memory.max`, limits.memoryBytes);
      writeIfPossible(`${group}/memory.swap.max`, 0);
      writeIfPossible(`${group}/memory.oom.group`, 1);
      if (limits.cpus !== undefined)
        writeIfPossible(`${group}/cpu.max`, `${Math.round(limits.cpus * CPU_PERIOD_US)} ${CPU_PERIOD_US}`);
      write(`${group}/pids.max`, limits.processes + SANDBOX_OVERHEAD_TASKS);
      let seenMemoryBytes = 0;
      return {
        join: [`${group}/cgroup.procs`],
        read() {
          seenMemoryBytes = Math.max(
            seenMemoryBytes,
            readNumber(`${group}/memory.peak`),
            readNumber(`${group}/memory.current`),
          );
          return {
            peakMemoryBytes: seenMemoryBytes,
            cpuMs: Math.round(readField(`${group}/cpu.stat`, 'usage_usec') / US_PER_MS),
            outOfMemory: readField(`${group}/memory.events`, 'oom_kill') > 0,
            processesRefused: readField(`${group}/pids.events`, 'max') > 0,
          };
        },
        close: () => removeGroup(group),
      };
    },
  };
}
