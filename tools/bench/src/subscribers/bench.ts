import type { BenchResult } from '../measure/figures.js';
import { pssMb } from '../measure/processes.js';
import { median, percentile } from '../measure/statistics.js';
import { asker, openSocket } from '../platform/client.js';
import { NOOP_ENV, prepareNoopJobs, SELECTIONS, type NoopJobs } from '../platform/noop-jobs.js';
import { newDataFolder, startWeft, type Weft } from '../platform/weft.js';
import { openLoop } from '../push/open-loop.js';
import { watchMany } from './none-missed.js';
import { LINES, startLogReader } from './log-reader.js';

const MANY = 2_000;
const SOCKETS = 20;
const ROUNDS = 5;
const LOOP = { perSecond: 25, seconds: 8, selection: SELECTIONS.plain } as const;

/** Many subscriptions on one gateway, and one among them that reads nothing. */
export async function benchSubscribers(): Promise<BenchResult> {
  using data = newDataFolder();
  const weft = await startWeft({ data, env: NOOP_ENV });
  try {
    const jobs = await prepareNoopJobs(asker(weft.url, weft.token));
    const sockets = await Promise.all(
      Array.from({ length: SOCKETS }, () => openSocket(weft.url, weft.token)),
    );
    const gatewayMb = (): number => pssMb(weft.run.gateway.pid);
    const before = gatewayMb();
    let open = Number.NaN;
    const { openAtOnce, whole } = await watchMany(jobs, sockets, MANY, () => (open = gatewayMb()));
    const after = gatewayMb();
    for (const socket of sockets) socket.close();
    const { reading, paused, grown, caughtUp } = await compare(weft, jobs);
    return {
      bench: 'subscribers',
      figures: [
        { name: 'subscriptions open at once', value: openAtOnce, unit: '', bound: { atLeast: MANY } },
        { name: 'watchers that missed nothing', value: whole, unit: '', bound: { atLeast: MANY } },
        { name: 'gateway before', value: before, unit: 'MB PSS' },
        { name: 'gateway with all open', value: open, unit: 'MB PSS' },
        { name: 'gateway after', value: after, unit: 'MB PSS' },
        { name: 'p99 of others beside one that reads', value: reading, unit: 'ms' },
        { name: 'p99 of others beside one that paused', value: paused, unit: 'ms' },
        { name: 'p99 ratio', value: paused / reading, unit: '×', bound: { atMost: 1.25 } },
        { name: 'gateway grew by, beside it', value: median(grown), unit: 'MB PSS', bound: { atMost: 32 } },
        {
          name: 'lines it got in the end',
          value: Math.min(...caughtUp),
          unit: '',
          bound: { atLeast: LINES },
        },
      ],
      notes: [
        `${MANY} subscriptions over ${SOCKETS} sockets, each on its own job`,
        `paused reader: ${LINES} log lines, 12 MB of payload; p99 of ${LOOP.perSecond} jobs a second over ${ROUNDS} interleaved rounds of ${LOOP.seconds} s each`,
      ],
    };
  } finally {
    await weft.stop();
  }
}

/** Both sides bear the same job with the same log and somebody who follows it; on one side that one does not read. */
async function compare(weft: Weft, jobs: NoopJobs) {
  const [reading, paused, grown, caughtUp]: [number[], number[], number[], number[]] = [[], [], [], []];
  const socket = await openSocket(weft.url, weft.token);
  await openLoop(jobs, socket, LOOP);
  const round = async (delays: number[], isPaused: boolean): Promise<void> => {
    const before = pssMb(weft.run.gateway.pid);
    const reader = await startLogReader(weft.url, weft.token, jobs, isPaused);
    delays.push(...(await openLoop(jobs, socket, LOOP)).delays);
    if (isPaused) grown.push(pssMb(weft.run.gateway.pid) - before);
    caughtUp.push(await reader.catchUp());
  };
  for (let n = 0; n < ROUNDS; n += 1) {
    await round(reading, false);
    await round(paused, true);
  }
  socket.close();
  return { reading: percentile(reading, 0.99), paused: percentile(paused, 0.99), grown, caughtUp };
}
