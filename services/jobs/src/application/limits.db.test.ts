import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createClaimDesk } from '../claim-desk.js';
import { createHotStore } from '../persistence/hot-store.js';
import { announceJob } from '../messaging/publishes.js';
import { aTarget, limits, startEngine, succeeded, type Engine } from '../testing/engine.js';
import { aDefinition, checks, limitDefinition } from '../testing/stored-jobs.js';
import { startDefinition } from './start-definition.js';
import { createRecentJobs } from './recent-jobs.js';
import { keepDeadlines } from './keep-deadlines.js';
import { reportAttempt } from './report-attempt.js';

let engine: Engine;
beforeEach(async () => {
  engine = await startEngine();
});

const limitTarget = (concurrentAttempts: number) =>
  engine.ports.transact((tx) =>
    tx.references.keepTarget(aTarget({ seq: 2, limits: { ...limits, concurrentAttempts } })),
  );

const limitOrganization = (concurrentAttempts: number) =>
  engine.database.query(
    `insert into organization_limit (organization_id, concurrent_attempts, set_by) values ($1, $2, 'operator')`,
    [engine.organizationId, concurrentAttempts],
  );

const running = async (): Promise<number> =>
  (
    await engine.database.query<{ n: number }>(
      `select count(*)::int as n from attempt where outcome = 'RUNNING'`,
    )
  )[0]?.n ?? 0;

const submitMany = (count: number, overrides = {}): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, () => engine.submit(overrides)));

const start = async (definitionId: string): Promise<void> => {
  const outcome = await startDefinition(engine.ports, checks, engine.user, 'correlation-1', {
    definitionId,
    inputs: null,
    idempotencyKey: null,
  });
  expect(outcome.ok).toBe(true);
};

/** Another replica of the service: it shares the database and nothing else. */
const anotherDesk = () =>
  createClaimDesk({
    ...engine.ports,
    hot: createHotStore(engine.database, announceJob, () => undefined),
    recent: createRecentJobs(),
  });

const claimAt = (
  desk: ReturnType<typeof createClaimDesk>,
  workerId: string,
  capacity: number,
  targetId = 'local-process',
) => desk.claim({ workerId, targetId }, { requestId: randomUUID(), capacity, start: true });

describe('a concurrency limit', () => {
  it('of a target is kept, and what ends makes room for what waits', async () => {
    await limitTarget(3);
    await submitMany(5);
    const first = await engine.claim();
    expect(first).toHaveLength(3);
    expect(await engine.claim()).toEqual([]);
    await engine.report(first[0]!, 'FINISHED', [succeeded(0)]);
    expect(await engine.claim()).toHaveLength(1);
    expect(await engine.claim()).toEqual([]);
  });

  it("of an organization is kept, and stands in nobody else's way", async () => {
    await limitTarget(100);
    await limitOrganization(2);
    await submitMany(300);
    const other = randomUUID();
    await engine.ports.transact((tx) =>
      tx.references.keepServiceVersion({ ...engine.version, seq: 2, lifecycle: 'PUBLISHED' }),
    );
    const theirs = await submitMany(3, { organizationId: other });
    const claimed = await engine.claim({ capacity: 10 });
    const ids = claimed.map((attempt) => attempt.jobId);
    expect(theirs.every((id) => ids.includes(id))).toBe(true);
    expect(claimed).toHaveLength(5);
  });

  it("of a definition is kept, also by jobs that waited before it had one, and stands in no other job's way", async () => {
    await limitTarget(100);
    const definition = await aDefinition(engine, { name: 'one at a time' });
    for (let n = 0; n < 4; n++) await start(definition);
    await limitDefinition(engine, definition, 1);
    await start(definition);
    const plain = await submitMany(3);
    const claimed = await engine.claim({ capacity: 20 });
    expect(claimed).toHaveLength(4);
    expect(plain.every((id) => claimed.some((attempt) => attempt.jobId === id))).toBe(true);
    const one = claimed.find((attempt) => !plain.includes(attempt.jobId));
    await engine.report(one!, 'FINISHED', [succeeded(0)]);
    expect(await engine.claim({ capacity: 20 })).toHaveLength(1);
  });

  it('of many definitions is kept, also where all of them get one while their jobs wait', async () => {
    await limitTarget(100);
    const definitions = await Promise.all(['a', 'b', 'c', 'd'].map((name) => aDefinition(engine, { name })));
    for (const definition of definitions) await start(definition);
    expect(await engine.claim()).toHaveLength(4);
    for (const definition of definitions) await start(definition);
    for (const definition of definitions) await limitDefinition(engine, definition, 1);
    for (let n = 0; n < 4; n++) expect(await engine.claim({ capacity: 1 })).toEqual([]);
  });

  it('is never passed by replicas that claim for different targets at the same moment', async () => {
    const targets = ['local-process', 'second', 'third', 'fourth'];
    await engine.ports.transact(async (tx) => {
      for (const id of targets) await tx.references.keepTarget(aTarget({ id, seq: 3 }));
    });
    await limitOrganization(5);
    for (const targetId of targets) await submitMany(20, { targetId });
    const desks = targets.map((targetId) => ({ targetId, desk: anotherDesk() }));
    const seen: number[] = [];
    for (let left = 80; left > 0;) {
      const claimed = await Promise.all(
        desks.map(async ({ desk, targetId }) => ({
          targetId,
          attempts: await claimAt(desk, 'worker-1', 3, targetId),
        })),
      );
      seen.push(await running());
      for (const { targetId, attempts } of claimed)
        for (const { jobId, attempt, fence } of attempts) {
          await reportAttempt(
            engine.ports,
            { workerId: 'worker-1', targetId },
            { jobId, attempt, fence, kind: 'FINISHED', items: [succeeded(0)], usage: null },
          );
          left--;
        }
    }
    expect(Math.max(...seen)).toBe(5);
    expect(await running()).toBe(0);
  });

  it('leaves few rounds of claims behind', async () => {
    await limitTarget(1);
    for (let n = 0; n < 180; n++) {
      await engine.submit();
      const [attempt] = await engine.claim();
      await engine.report(attempt!, 'FINISHED', [succeeded(0)]);
    }
    const [row] = await engine.database.query<{ n: number }>('select count(*)::int as n from claim_round');
    expect(row?.n).toBeLessThanOrEqual(133);
  });

  it('that held work back is told, so that the end of an attempt lets it go', async () => {
    await limitTarget(1);
    const desk = anotherDesk();
    await submitMany(2);
    const [first] = await claimAt(desk, 'worker-1', 1);
    expect(desk.heldBack()).toEqual([]);
    expect(await claimAt(desk, 'worker-2', 1)).toEqual([]);
    expect(desk.heldBack()).toEqual(['local-process']);
    await engine.report(first!, 'FINISHED', [succeeded(0)]);
    expect(await claimAt(desk, 'worker-2', 1)).toHaveLength(1);
  });
});

describe('a start that is put off', () => {
  it('waits for its time, and says so', async () => {
    const later = new Date(engine.ports.now().getTime() + 60_000);
    const id = await engine.submit({ startAt: later });
    expect(await engine.job(id)).toMatchObject({ reason: 'SCHEDULED', claimableAt: later });
    expect(await engine.claim()).toEqual([]);
    const soon = await engine.submit({ startAt: new Date(engine.ports.now().getTime() + 50) });
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect((await engine.claim()).map((attempt) => attempt.jobId)).toEqual([soon]);
  });
});

describe('a deadline', () => {
  const inMs = (ms: number): Date => new Date(engine.ports.now().getTime() + ms);
  const passed = () => engine.database.query(`update job_deadline set at = now() - interval '1 second'`);

  it('that has passed is refused, and so is one before the start', async () => {
    await expect(engine.submit({ deadline: inMs(-1) })).rejects.toThrow('BAD_USER_INPUT');
    await expect(engine.submit({ deadline: inMs(500), startAt: inMs(900) })).rejects.toThrow(
      'BAD_USER_INPUT',
    );
  });

  it('ends what still waits', async () => {
    const id = await engine.submit({ deadline: inMs(60_000) });
    await passed();
    await keepDeadlines(engine.ports);
    expect(await engine.job(id)).toMatchObject({ state: 'FAILED', claimableAt: null });
    const [item] = await engine.reader.soleItems([id]);
    expect(item?.error?.code).toBe('DEADLINE_EXCEEDED');
    expect(await engine.database.query('select 1 from job_deadline')).toEqual([]);
    expect(await engine.claim()).toEqual([]);
  });

  it('cuts the time of an attempt, whose end by it is told as that and not tried again', async () => {
    const id = await engine.submit({ deadline: inMs(900), maxAttempts: 5 });
    const [attempt] = await engine.claim();
    expect(attempt?.timeoutMs).toBeLessThanOrEqual(900);
    expect(attempt?.deadlineAt).toBe((await engine.job(id)).deadline?.toISOString());
    await engine.report(attempt!, 'FINISHED', [
      {
        ...succeeded(0),
        outcome: 'FAILED',
        result: null,
        error: { code: 'TIMEOUT', message: 'Too long.', retryable: true },
      },
    ]);
    const [item] = await engine.reader.soleItems([id]);
    expect(item).toMatchObject({ state: 'FAILED', error: { code: 'DEADLINE_EXCEEDED' } });
    expect(item?.error?.message).toBe(
      `The job was to be done by ${attempt?.deadlineAt}. The run was stopped then.`,
    );
  });

  it('is looked at again while something of the job still runs', async () => {
    const id = await engine.submit({ deadline: inMs(60_000), items: [null, null, null] });
    const [attempt] = await engine.claim({ capacity: 1 });
    await passed();
    await keepDeadlines(engine.ports);
    expect((await engine.job(id)).counts).toMatchObject({ FAILED: 1, IN_PROGRESS: 2 });
    expect(await engine.database.query('select 1 from job_deadline where at > now()')).toHaveLength(1);
    await engine.report(attempt!, 'FINISHED', [succeeded(0), succeeded(1)]);
    await passed();
    await keepDeadlines(engine.ports);
    expect((await engine.job(id)).state).toBe('FAILED');
    expect(await engine.database.query('select 1 from job_deadline')).toEqual([]);
  });
});
