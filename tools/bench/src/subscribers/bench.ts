import type { BenchResult } from '../measure/figures.js';
import { pssMb } from '../measure/processes.js';
import { median, percentile } from '../measure/statistics.js';
import { asker, openSocket } from '../platform/client.js';
import { NOOP_ENV, prepareNoopJobs, SELECTIONS, type NoopJobs } from '../platform/noop-jobs.js';
import { newDataFolder, startWeft, type Weft } from '../platform/weft.js';
import { openLoop } from '../push/open-loop.js';
import { watchMany } from './none-missed.js';
import { LINES, startPausedReader } from './paused-reader.js';

const MANY = 2_000;
const SOCKETS = 20;
const ROUNDS = 5;
const LOOP = { perSecond: 10, seconds: 8, selection: SELECTIONS.plain } as const;

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
    const { without, beside, grown, caughtUp } = await compare(weft, jobs);
    return {
      bench: 'subscribers',
      figures: [
        { name: 'subscriptions open at once', value: openAtOnce, unit: '', bound: { atLeast: MANY } },
        { name: 'watchers that missed nothing', value: whole, unit: '', bound: { atLeast: MANY } },
        { name: 'gateway before', value: before, unit: 'MB PSS' },
        { name: 'gateway with all open', value: open, unit: 'MB PSS' },
        { name: 'gateway after', value: after, unit: 'MB PSS' },
        { name: 'p99 of others without a paused reader', value: median(without), unit: 'ms' },
        { name: 'p99 of others beside a paused reader', value: median(beside), unit: 'ms' },
        { name: 'p99 ratio', value: median(beside) / median(without), unit: '×', bound: { atMost: 1.25 } },
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
        `paused reader: ${LINES} log lines, 12 MB of payload; p99 of ${LOOP.perSecond} jobs a second, medians of ${ROUNDS} interleaved rounds of ${LOOP.seconds} s`,
      ],
    };
  } finally {
    await weft.stop();
  }
}

async function compare(weft: Weft, jobs: NoopJobs) {
  const [without, beside, grown, caughtUp]: [number[], number[], number[], number[]] = [[], [], [], []];
  const socket = await openSocket(weft.url, weft.token);
  const p99 = async (): Promise<number> => percentile((await openLoop(jobs, socket, LOOP)).delays, 0.99);
  await p99();
  for (let round = 0; round < ROUNDS; round += 1) {
    without.push(await p99());
    const before = pssMb(weft.run.gateway.pid);
    const reader = await startPausedReader(weft.url, weft.token, jobs);
    beside.push(await p99());
    grown.push(pssMb(weft.run.gateway.pid) - before);
    caughtUp.push(await reader.catchUp());
  }
  socket.close();
  return { without, beside, grown, caughtUp };
}
