import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { BenchOptions } from '../measure/bench-options.js';
import type { BenchResult, Figure } from '../measure/figures.js';
import { median } from '../measure/statistics.js';
import { openSocket, type LiveSocket } from '../platform/client.js';
import { closedLoop } from './closed-loop.js';
import { Endings } from './contestant.js';
import { prepareGround, type Ground } from './ground.js';
import { startEngine, type RunningEngine } from './systems/service.js';
import { inProcess, startWorker } from './systems/worker.js';

const CONCURRENCY = 10;
const HELD_S = 120;
const BEFORE_S = 10;
const AFTER_AT_MOST_S = 60;
const WARM_UP_MS = 3_000;
const PROBE_MS = 500;
/** A push that took longer did not go on. */
const LATE_MS = 2_000;

/** What holds back the horizon of every cleaning. */
const HOLDERS = {
  reader: ['begin isolation level repeatable read', 'select count(*) from job_event'],
  writer: ['begin', 'create table held (n int)'],
} as const;

/** Throughput and live push while somebody holds a transaction, and after. */
export async function benchSnapshot({ seconds = HELD_S }: BenchOptions): Promise<BenchResult> {
  await using ground = await prepareGround();
  const figures: Figure[] = [];
  const after = Math.min(AFTER_AT_MOST_S, seconds);
  for (const [name, statements] of Object.entries(HOLDERS))
    figures.push(...(await holding(ground, name, statements, seconds, after)));
  return {
    bench: 'engine-snapshot',
    figures,
    notes: [
      `closed loop at concurrency ${CONCURRENCY}; ${BEFORE_S} s before, ${seconds} s held, ${after} s after; medians of whole seconds`,
      `live push: a job every ${PROBE_MS} ms is followed by GraphQL over WebSocket; late is more than ${LATE_MS / 1_000} s from submission to its end`,
    ],
  };
}

async function holding(
  ground: Ground,
  name: string,
  statements: readonly string[],
  seconds: number,
  afterSeconds: number,
): Promise<Figure[]> {
  const place = await ground.place(CONCURRENCY);
  await using engine = await startEngine(place);
  const endings = new Endings();
  const worker = startWorker(inProcess(engine.service.context.engine), {
    capacity: CONCURRENCY + 1,
    ended: (id) => endings.ended(id),
  });
  const holder = new pg.Client({ connectionString: place.databaseUrl });
  await holder.connect();
  const socket = await openSocket(
    engine.service.url.replace(/\/graphql$/, ''),
    await engine.issuer.sign(engine.user),
  );
  const probe = startProbe(engine, socket);
  const hold = async (): Promise<void> => {
    await sleep(BEFORE_S * 1_000);
    for (const statement of statements) await holder.query(statement);
    await sleep(seconds * 1_000);
    await holder.query('rollback');
  };
  let holds: Promise<void> | undefined;
  const { seconds: rates } = await closedLoop(
    { cycle: async () => endings.of(await engine.submit()) },
    {
      concurrency: CONCURRENCY,
      warmUpMs: WARM_UP_MS,
      measuredMs: (BEFORE_S + seconds + afterSeconds) * 1_000,
      measuring() {
        holds = hold();
      },
    },
  );
  await holds;
  const { delays, late } = await probe.stop();
  await worker.stop();
  socket.close();
  await holder.end();
  const before = median(rates.slice(0, BEFORE_S));
  const third = Math.ceil(seconds / 3);
  const held = median(rates.slice(BEFORE_S + seconds - third, BEFORE_S + seconds));
  const after = median(rates.slice(-10));
  return [
    { name: `${name}: before`, value: before, unit: 'jobs/s' },
    {
      name: `${name}: last third of it / before`,
      value: held / before,
      unit: '×',
      bound: { atLeast: 1 / 3 },
    },
    {
      name: `${name}: worst second of it / before`,
      value: Math.min(...rates.slice(BEFORE_S, BEFORE_S + seconds)) / before,
      unit: '×',
    },
    { name: `${name}: in the end / before`, value: after / before, unit: '×', bound: { atLeast: 0.8 } },
    { name: `${name}: live push, longest`, value: Math.max(...delays), unit: 'ms' },
    { name: `${name}: live push, late or never`, value: late, unit: '', bound: { atMost: 0 } },
  ];
}

const FOLLOW = 'subscription ($id: ID!) { jobChanged(id: $id, after: 0) { job { state } } }';

function startProbe(engine: RunningEngine, socket: LiveSocket) {
  const delays: number[] = [];
  const open = new Map<string, number>();
  const follow = (id: string, submittedAt: number, authorization: string): void => {
    open.set(id, submittedAt);
    socket.subscribe<{ jobChanged: { job: { state: string } } }>(
      FOLLOW,
      { id },
      {
        next({ jobChanged }) {
          if (jobChanged.job.state !== 'SUCCEEDED' || !open.delete(id)) return;
          delays.push(performance.now() - submittedAt);
        },
        complete: () => undefined,
      },
      authorization,
    );
  };
  let stopped = false;
  const loop = async (): Promise<void> => {
    while (!stopped) {
      const authorization = `Bearer ${await engine.issuer.sign(engine.user)}`;
      const submittedAt = performance.now();
      follow(await engine.submit(), submittedAt, authorization);
      await sleep(PROBE_MS);
    }
  };
  const looping = loop();
  return {
    async stop() {
      stopped = true;
      await looping;
      await sleep(LATE_MS);
      return { delays, late: open.size + delays.filter((delay) => delay > LATE_MS).length };
    },
  };
}
