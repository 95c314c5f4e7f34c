import type { BenchOptions } from '../measure/bench-options.js';
import type { BenchResult, Bound, Figure } from '../measure/figures.js';
import { median } from '../measure/statistics.js';
import { runCell, type CellResult } from './cells.js';
import { prepareGround } from './ground.js';
import { ensurePeers } from './peers.js';
import { SYSTEMS, type SystemName } from './systems/index.js';

const CONCURRENCIES = [1, 10, 50] as const;
const ROUNDS = 3;
const WARM_UP_MS = 2_000;
const SECONDS = 4;

const atLeast = (bound: number): { bound: Bound } => ({ bound: { atLeast: bound } });

/** What our rate is to be, in rates of theirs. */
const REQUIRED: Readonly<Record<number, { readonly graphile: number; readonly pgBoss?: number }>> = {
  1: { graphile: 1 },
  10: { graphile: 1.5, pgBoss: 2 },
  50: { graphile: 1.5, pgBoss: 2 },
};

/** No-op jobs from submission to committed end: our engine, two peers and the least that SQL costs, round after round. */
export async function benchEngine({
  seconds = SECONDS,
  rounds = ROUNDS,
}: BenchOptions): Promise<BenchResult> {
  ensurePeers();
  await using ground = await prepareGround();
  const names = Object.keys(SYSTEMS) as SystemName[];
  const cells = new Map<string, CellResult[]>();
  for (let round = 0; round < rounds; round += 1)
    for (const concurrency of CONCURRENCIES)
      for (const system of names) {
        const result = await runCell(ground, {
          system,
          concurrency,
          warmUpMs: WARM_UP_MS,
          measuredMs: seconds * 1_000,
        });
        const key = `${system} ${concurrency}`;
        cells.set(key, [...(cells.get(key) ?? []), result]);
      }
  const of = (system: SystemName, concurrency: number, value: (one: CellResult) => number): number =>
    median((cells.get(`${system} ${concurrency}`) ?? []).map(value));
  return {
    bench: 'engine',
    figures: CONCURRENCIES.flatMap((concurrency) => figuresOf(names, concurrency, of)),
    notes: [
      `medians of ${rounds} interleaved rounds of ${seconds} s after ${WARM_UP_MS / 1_000} s, each in a process and on a database of its own`,
      'closed loop; a job has ended when its end is committed, for the peers too',
      'ours: use cases in process, every transition recorded, the relay publishing to NATS; HTTP in none of them',
      'graphile-worker 0.18.0: localQueue, batched completion, addJobs; pg-boss 12.35.0: LISTEN/NOTIFY, batches, bursts, insert',
      'gathered: a gatherer of the bench, which the peers do not bring, puts submissions together before addJobs and insert',
      'plain SQL: a statement a transition with a row for an outbox that nobody carries, no history, one job a statement',
    ],
  };
}

function figuresOf(
  names: readonly SystemName[],
  concurrency: number,
  of: (system: SystemName, concurrency: number, value: (one: CellResult) => number) => number,
): Figure[] {
  const at = `c=${concurrency}`;
  const rate = (system: SystemName): number => of(system, concurrency, (one) => one.perSecond);
  const cpu = (system: SystemName): number => of(system, concurrency, (one) => one.cpuMs + one.postgresCpuMs);
  const required = REQUIRED[concurrency];
  return [
    ...names.flatMap((system): Figure[] => [
      { name: `${at} ${system}`, value: rate(system), unit: 'jobs/s' },
      { name: `${at} ${system}, p50`, value: of(system, concurrency, (one) => one.p50), unit: 'ms' },
      { name: `${at} ${system}, p99`, value: of(system, concurrency, (one) => one.p99), unit: 'ms' },
      {
        name: `${at} ${system}, CPU of Node.js`,
        value: of(system, concurrency, (one) => one.cpuMs),
        unit: 'ms/job',
      },
      {
        name: `${at} ${system}, CPU of PostgreSQL`,
        value: of(system, concurrency, (one) => one.postgresCpuMs),
        unit: 'ms/job',
      },
    ]),
    {
      name: `${at} ours / graphile-worker`,
      value: rate('ours') / rate('graphile-worker'),
      unit: '×',
      ...(required === undefined ? {} : atLeast(required.graphile)),
    },
    {
      name: `${at} ours / pg-boss`,
      value: rate('ours') / rate('pg-boss'),
      unit: '×',
      ...(required?.pgBoss === undefined ? {} : atLeast(required.pgBoss)),
    },
    {
      name: `${at} ours / pg-boss, submissions gathered`,
      value: rate('ours') / rate('pg-boss, submissions gathered'),
      unit: '×',
    },
    {
      name: `${at} CPU per job, ours / graphile-worker`,
      value: cpu('ours') / cpu('graphile-worker'),
      unit: '×',
    },
    {
      name: `${at} worker behind NATS / graphile-worker`,
      value: rate('ours, worker behind NATS') / rate('graphile-worker'),
      unit: '×',
    },
    {
      name: `${at} plain SQL / graphile-worker`,
      value: rate('plain SQL') / rate('graphile-worker'),
      unit: '×',
    },
  ];
}
