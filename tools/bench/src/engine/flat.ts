import { randomUUID } from 'node:crypto';
import type { BenchOptions } from '../measure/bench-options.js';
import type { BenchResult, Figure } from '../measure/figures.js';
import { median } from '../measure/statistics.js';
import { prepareGround } from './ground.js';
import { copyJob } from './history.js';
import { startEngine, TARGET, type RunningEngine } from './systems/service.js';
import { finished, WORKER } from './systems/worker.js';

const FINISHED = 1_000_000;
const ROUNDS = 5;
const STEPS = 150;
const CLAIMANT = { workerId: WORKER, targetId: TARGET };

/** What a submission and a claim cost on an empty database and on a full one, round after round. */
export async function benchFlat({ jobs = FINISHED, rounds = ROUNDS }: BenchOptions): Promise<BenchResult> {
  const queued = Math.ceil(jobs / 10);
  await using ground = await prepareGround();
  const places = { empty: await ground.place(1), full: await ground.place(1) };
  await using empty = await startEngine(places.empty);
  await using full = await startEngine(places.full);
  const done = await full.submit();
  await takeOne(full);
  const waiting = await full.submit();
  await copyJob(places.full.databaseUrl, { jobId: done, count: jobs });
  await copyJob(places.full.databaseUrl, { jobId: waiting, count: queued, organizationId: randomUUID() });
  await takeOne(full);

  const costs = { empty: [] as Cost[], full: [] as Cost[] };
  await steps(empty);
  await steps(full);
  for (let round = 0; round < rounds; round += 1) {
    costs.empty.push(await steps(empty));
    costs.full.push(await steps(full));
  }
  const overhead = (kind: 'submit' | 'claim'): Figure[] => {
    const [before, after] = [costs.empty, costs.full].map((all) => median(all.map((one) => one[kind])));
    return [
      { name: `${kind}, empty`, value: before ?? Number.NaN, unit: 'ms' },
      { name: `${kind}, full`, value: after ?? Number.NaN, unit: 'ms' },
      {
        name: `${kind}, full / empty`,
        value: (after ?? Number.NaN) / (before ?? Number.NaN),
        unit: '×',
        bound: { atMost: 1.2 },
      },
    ];
  };
  return {
    bench: 'engine-flat',
    figures: [
      ...overhead('submit'),
      ...overhead('claim'),
      {
        name: 'claims until another organization has its job',
        value: Math.max(...costs.full.map((one) => one.turns)),
        unit: '',
        bound: { atMost: 2 },
      },
    ],
    notes: [
      `full: ${jobs} finished jobs and ${queued} queued ones of one organization, filled by SQL; who submits is another`,
      `medians of ${rounds} interleaved rounds of the medians of ${STEPS} steps, one at a time, in process`,
    ],
  };
}

interface Cost {
  readonly submit: number;
  readonly claim: number;
  /** The most claims after which a job that was submitted was given out. */
  readonly turns: number;
}

async function steps(engine: RunningEngine): Promise<Cost> {
  const [submit, claim]: [number[], number[]] = [[], []];
  let turns = 0;
  for (let step = 0; step < STEPS; step += 1) {
    const startedAt = performance.now();
    const id = await engine.submit();
    submit.push(performance.now() - startedAt);
    for (let turn = 1; ; turn += 1) {
      const { jobId, ms } = await takeOne(engine);
      claim.push(ms);
      turns = Math.max(turns, turn);
      if (jobId === id) break;
    }
  }
  return { submit: median(submit), claim: median(claim), turns };
}

/** Claims one job and finishes it. */
async function takeOne(engine: RunningEngine): Promise<{ jobId: string; ms: number }> {
  const { engine: calls } = engine.service.context;
  const startedAt = performance.now();
  const asked = { requestId: randomUUID(), capacity: 1, holdMs: 0, start: true };
  const [attempt] = await calls.claim(CLAIMANT, asked);
  const ms = performance.now() - startedAt;
  if (attempt === undefined) throw new Error('nothing to claim');
  await calls.report(CLAIMANT, finished(attempt));
  return { jobId: attempt.jobId, ms };
}
