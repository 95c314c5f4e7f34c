// Two replicas move the jobs of one batch, cancel it, retry it and fold its steps, all at once. Whoever looks at any
// moment finds in the batch what the jobs themselves say.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { cancelBatch } from './application/cancel-batch.js';
import { expireLeases } from './application/expire-leases.js';
import { keepBatches } from './application/keep-batches.js';
import type { Ports } from './application/ports.js';
import { createRecentJobs } from './application/recent-jobs.js';
import { reportAttempt } from './application/report-attempt.js';
import { retryBatch } from './application/retry-batch.js';
import { retryJob } from './application/retry-job.js';
import { submitBatch } from './application/submit-batch.js';
import { createClaimDesk } from './claim-desk.js';
import { createSchemaChecker } from './domain/schema-check.js';
import { inTime } from './in-time.js';
import { BATCH, BATCH_NOW } from './persistence/batch-rows.js';
import { aTarget, failed, startEngine, succeeded, type Engine } from './testing/engine.js';

const JOBS = 120;
const LAST_WORDS = `select state, count(*) as n from job where batch_id = b.id and batch_last group by state`;

let engine: Engine;
let replicas: Ports[];
beforeAll(async () => {
  engine = await startEngine();
  const { limits } = aTarget();
  await engine.ports.transact((tx) =>
    tx.references.keepTarget(aTarget({ seq: 2, limits: { ...limits, concurrentAttempts: 1_000 } })),
  );
  replicas = [1, 2].map(() => ({ ...engine.ports, recent: createRecentJobs() }));
});

interface Look {
  readonly counts: Record<string, number>;
  readonly jobs: Record<string, number> | null;
  readonly seq: number;
}

/** One snapshot of both. */
async function look(id: string): Promise<Look> {
  const [row] = await engine.database.query<Look>(
    `select ${BATCH}, (select json_object_agg(state, n) from (${LAST_WORDS}) said) as jobs from ${BATCH_NOW} where b.id = $1`,
    [id],
  );
  if (row === undefined) throw new Error('no batch');
  const some = Object.entries(row.counts).filter(([, n]) => n !== 0);
  return { ...row, counts: Object.fromEntries(some) };
}

/** What a worker does with a job, good or bad, until there is nothing left to claim. */
async function work(ports: Ports, workerId: string): Promise<void> {
  const claimant = { workerId, targetId: 'local-process' };
  const desk = createClaimDesk(ports);
  for (let n = 0; ; n += 1) {
    const given = await desk.claim(claimant, { requestId: randomUUID(), capacity: 7, start: n % 2 === 0 });
    if (given.length === 0) return;
    for (const [at, { jobId, attempt, fence }] of given.entries()) {
      // Of some the worker is never heard again.
      if (at === 6) continue;
      const report = { jobId, attempt, fence, usage: null };
      await reportAttempt(ports, claimant, { ...report, kind: 'STARTED', items: [] });
      const items = [at % 3 === 0 ? failed(0) : succeeded(0)];
      await reportAttempt(ports, claimant, { ...report, kind: 'FINISHED', items });
      // Twice: the first successor loses the last word while it is open.
      if (at === 1 && n < 10) for (const _ of [1, 2]) await retryJob(ports, engine.user, 'c', jobId, 'ALL');
    }
  }
}

it('the batch says what its jobs say, at every moment', async () => {
  const outcome = await submitBatch(engine.ports, createSchemaChecker(inTime), engine.user.id, 'c', {
    shared: engine.submission({ maxAttempts: 2 }),
    jobs: Array.from({ length: JOBS }, () => ({ name: null, data: null, params: null })),
  });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.errors));
  const { batchId } = outcome.value;
  const actions = replicas.flatMap((ports, replica) => [
    work(ports, `worker-${replica}`),
    (async () => {
      for (let round = 0; round < 4; round += 1) {
        await engine.silence();
        await expireLeases(ports);
        await retryBatch(ports, engine.user, 'c', {
          batchId,
          items: round === 3 ? 'ALL' : 'FAILED',
          from: 0,
        });
        if (round === 1) await cancelBatch(ports, engine.user, batchId);
        await work(ports, `late-${replica}`);
      }
    })(),
  ]);
  let busy = true;
  const done = Promise.all(actions).finally(() => (busy = false));
  let seq = 0;
  let changes = 0;
  for (let n = 0; busy; n += 1) {
    const seen = await look(batchId);
    expect(seen.counts).toEqual(seen.jobs);
    expect(seen.seq).toBeGreaterThanOrEqual(seq);
    changes += Number(seen.seq > seq);
    seq = seen.seq;
    if (n % 5 === 0) await Promise.all(replicas.map(keepBatches));
  }
  await done;
  expect(changes).toBeGreaterThan(10);
  await keepBatches(engine.ports);
  const end = await look(batchId);
  expect(end.counts).toEqual(end.jobs);
  expect(Object.values(end.counts).reduce((sum, n) => sum + n, 0)).toBe(JOBS);
  expect(await engine.database.query('select 1 from batch_step')).toEqual([]);
}, 60_000);
