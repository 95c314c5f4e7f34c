import type { BenchResult, Figure } from '../measure/figures.js';
import { cpuMs, processTree } from '../measure/processes.js';
import { percentile } from '../measure/statistics.js';
import { asker, openSocket } from '../platform/client.js';
import { NOOP_ENV, prepareNoopJobs, SELECTIONS } from '../platform/noop-jobs.js';
import { newDataFolder, startWeft, type RunFile } from '../platform/weft.js';
import { openLoop } from './open-loop.js';

const PER_SECOND = 50;
const WARM_UP_S = 10;
const MEASURED_S = 15;

/** From the end of a no-op job in the worker to its client's receipt of SUCCEEDED through the gateway. */
export async function benchPush(): Promise<BenchResult> {
  using data = newDataFolder();
  const weft = await startWeft({ data, env: NOOP_ENV });
  try {
    const jobs = await prepareNoopJobs(asker(weft.url, weft.token));
    const socket = await openSocket(weft.url, weft.token);
    const run = (seconds: number, selection: string) =>
      openLoop(jobs, socket, { perSecond: PER_SECOND, seconds, selection });
    await run(WARM_UP_S, SELECTIONS.crossing);
    const before = cpuOf(weft.run);
    const plain = await run(MEASURED_S, SELECTIONS.plain);
    const after = cpuOf(weft.run);
    const crossing = await run(MEASURED_S, SELECTIONS.crossing);
    socket.close();
    return {
      bench: 'push',
      figures: [
        {
          name: 'report → receipt, p50',
          value: percentile(plain.delays, 0.5),
          unit: 'ms',
          bound: { atMost: 8 },
        },
        {
          name: 'report → receipt, p99',
          value: percentile(plain.delays, 0.99),
          unit: 'ms',
          bound: { atMost: 30 },
        },
        { name: 'with fields of three subgraphs, p50', value: percentile(crossing.delays, 0.5), unit: 'ms' },
        { name: 'with fields of three subgraphs, p99', value: percentile(crossing.delays, 0.99), unit: 'ms' },
        { name: 'jobs', value: plain.delays.length + crossing.delays.length, unit: '' },
        { name: 'watched too late to tell', value: plain.late + crossing.late, unit: '' },
        ...[...after].map(([part, ms]): Figure => ({
          name: `CPU per job, ${part}`,
          value: (ms - (before.get(part) ?? 0)) / (PER_SECOND * MEASURED_S),
          unit: 'ms',
        })),
      ],
      notes: [`open loop of ${PER_SECOND} jobs a second for ${MEASURED_S} s, each with its own subscription`],
    };
  } finally {
    await weft.stop();
  }
}

/** CPU time of every part so far; this process is the client. */
function cpuOf({ gateway, subgraphs, workers, supervisor }: RunFile): Map<string, number> {
  const parts = new Map([
    ['client', process.pid],
    ['gateway', gateway.pid],
    ...Object.entries(subgraphs).map(([name, { pid }]) => [name, pid] as const),
    ...workers.map(({ pid }) => ['worker', pid] as const),
  ]);
  const known = new Set([...parts.values(), supervisor.pid]);
  const times = new Map([...parts].map(([name, pid]) => [name, cpuMs(pid)]));
  for (const { pid, command } of processTree(supervisor.pid)) {
    if (known.has(pid)) continue;
    const name = /postgres/.test(command) ? 'postgres' : /nats-server/.test(command) ? 'nats' : 'others';
    times.set(name, (times.get(name) ?? 0) + cpuMs(pid));
  }
  return times;
}
