import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchResult } from '../measure/figures.js';
import { processTree, pssMb } from '../measure/processes.js';
import { median } from '../measure/statistics.js';
import { newDataFolder, startWeft, type DataFolder } from '../platform/weft.js';

const ROUNDS = 3;
const IDLE_MS = 15_000;
const COMMAND = ['npm', 'start', '--silent', '--', '--no-sample'];

/** `npm start -- --no-sample` on a fresh and on a used data folder, and what it takes when nothing happens. */
export async function benchStart(): Promise<BenchResult> {
  const [fresh, used, memory]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    using data = newDataFolder();
    fresh.push((await startOnce(data)).seconds);
    const { seconds, parts } = await startOnce(data, IDLE_MS);
    used.push(seconds);
    memory.push(parts.reduce((sum, part) => sum + part, 0));
  }
  return {
    bench: 'start',
    figures: [
      { name: 'ready, fresh data folder', value: median(fresh), unit: 's', bound: { atMost: 15 } },
      { name: 'ready, used data folder', value: median(used), unit: 's', bound: { atMost: 6 } },
      { name: 'memory idle, all processes', value: median(memory), unit: 'MB PSS', bound: { atMost: 900 } },
    ],
    notes: [
      `medians of ${ROUNDS} rounds of npm start -- --no-sample; memory of the supervisor and everything below it ${IDLE_MS / 1_000} s after it was ready`,
    ],
  };
}

async function startOnce(data: DataFolder, idleMs = 0): Promise<{ seconds: number; parts: number[] }> {
  const weft = await startWeft({ data, command: COMMAND });
  try {
    await sleep(idleMs);
    const parts = idleMs === 0 ? [] : processTree(weft.run.supervisor.pid).map(({ pid }) => pssMb(pid));
    return { seconds: weft.startedInMs / 1_000, parts };
  } finally {
    await weft.stop();
  }
}
