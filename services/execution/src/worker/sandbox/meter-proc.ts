import { SANDBOX_OVERHEAD_TASKS, type MeterDriver } from './meter.js';
import { sampleTree, sharedMemoryOf } from './process-tree.js';

/** No cgroups: the tree is sampled from /proc and ended when it is seen above its limits. */
export const procMeterDriver: MeterDriver = {
  kind: 'proc',
  intervalMs: 50,
  enforced: false,
  open(_name, limits) {
    let peakMemoryBytes = 0;
    let cpuMs = 0;
    let processesRefused = false;
    return {
      join: [],
      read(rootPid) {
        const tree = sampleTree(rootPid);
        const memoryBytes =
          tree.memoryBytes > limits.memoryBytes ? sharedMemoryOf(tree.pids) : tree.memoryBytes;
        peakMemoryBytes = Math.max(peakMemoryBytes, memoryBytes);
        cpuMs = Math.max(cpuMs, tree.cpuMs);
        processesRefused ||= tree.tasks > limits.processes + SANDBOX_OVERHEAD_TASKS;
        return {
          peakMemoryBytes,
          cpuMs,
          processesRefused,
          outOfMemory: peakMemoryBytes > limits.memoryBytes,
        };
      },
      close: () => Promise.resolve(),
    };
  },
};
