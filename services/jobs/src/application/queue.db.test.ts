import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createQueueReader, keepPace } from '../persistence/queue-reader.js';
import { aTarget, limits, startEngine, succeeded, type Engine } from '../testing/engine.js';
import { createQueueCap } from './queue-cap.js';
import type { QueuePlace, QueueReader } from './queue-ports.js';
import { setQueueLimits } from './set-queue-limits.js';
import { submitJob } from './submit-job.js';
import { createSchemaChecker } from '../domain/schema-check.js';
import { inTime } from '../in-time.js';

const DEFAULTS = { concurrentAttempts: null, queuedJobs: 6 };
const OPERATOR = 'operator';

let engine: Engine;
let queue: QueueReader;
beforeEach(async () => {
  engine = await startEngine();
  queue = createQueueReader(engine.database, DEFAULTS);
});

const place = async (jobId: string): Promise<QueuePlace> => {
  const [found] = await queue.places([jobId]);
  if (found === undefined) throw new Error(`job ${jobId} does not wait`);
  return found;
};

const limit = (concurrentAttempts: number | null, queuedJobs: number | null) =>
  setQueueLimits(engine.ports, { ...engine.user, roles: [OPERATOR] }, engine.organizationId, {
    concurrentAttempts,
    queuedJobs,
  });

const keepTarget = (overrides: Parameters<typeof aTarget>[0]) =>
  engine.ports.transact((tx) => tx.references.keepTarget(aTarget(overrides)));

describe('the place of a job in the queue', () => {
  it('counts those before it in the order of the claim, and ends with the claim', async () => {
    const low = await engine.submit({ priority: -5 });
    const first = await engine.submit();
    const second = await engine.submit();
    const high = await engine.submit({ priority: 5 });
    const positions = (await queue.places([low, first, second, high])).map((one) => one?.position);
    expect(positions).toEqual([4, 2, 3, 1]);
    await engine.claim({ capacity: 2 });
    expect(await queue.places([high, first])).toEqual([undefined, undefined]);
    expect(await place(second)).toMatchObject({ position: 1, isFurther: false, waitsFor: 'TURN' });
  });

  it('is counted to 1000 and no further', async () => {
    const id = await engine.submit({ priority: -1 });
    await engine.database.query(
      `insert into queue_entry (job_id, target_id, organization_id, priority, run_at, ready)
        select gen_random_uuid(), 'local-process', $1, 0, now(), true from generate_series(1, 3000)`,
      [engine.organizationId],
    );
    expect(await place(id)).toMatchObject({ position: 1_000, isFurther: true, estimatedStart: null });
  });

  it('says what keeps the job', async () => {
    const later = await engine.submit({ startAt: new Date(engine.ports.now().getTime() + 60_000) });
    const { queuedFrom } = await place(later);
    expect(await place(later)).toMatchObject({
      waitsFor: 'TIME',
      position: null,
      estimatedStart: queuedFrom,
    });
    const id = await engine.submit();
    await keepTarget({ seq: 2, status: 'UNAVAILABLE', statusReason: 'No worker.' });
    expect((await place(id)).waitsFor).toBe('TARGET_UNAVAILABLE');
    await keepTarget({ seq: 3, limits: { ...limits, concurrentAttempts: 1 } });
    expect((await place(id)).waitsFor).toBe('TURN');
    await engine.submit({ priority: 1 });
    const [running] = await engine.claim({ capacity: 1 });
    expect((await place(id)).waitsFor).toBe('TARGET_LIMIT');
    await limit(1, null);
    expect((await place(id)).waitsFor).toBe('ORGANIZATION_LIMIT');
    await engine.report(running!, 'FINISHED', [succeeded(0)]);
    expect((await place(id)).waitsFor).toBe('TURN');
  });

  it('tells when its turn may come: organizations take turns at the pace of the target', async () => {
    for (let n = 0; n < 3; n++) await engine.submit();
    const id = await engine.submit();
    expect((await place(id)).estimatedStart).toBeNull();
    await keepPace(engine.database, randomUUID(), 'local-process', 0.5);
    await keepPace(engine.database, randomUUID(), 'local-process', 0.5);
    const seconds = async (): Promise<number> =>
      Math.round(((await place(id)).estimatedStart!.getTime() - engine.database.now().getTime()) / 1_000);
    expect(await seconds()).toBe(4);
    await engine.database.query(
      `insert into queue_entry (job_id, target_id, organization_id, priority, run_at, ready)
        select gen_random_uuid(), 'local-process', o, 0, now(), true
        from generate_series(1, 50), unnest(array[gen_random_uuid(), gen_random_uuid()]) as o`,
    );
    const [{ count } = { count: 0 }] = await engine.database.query<{ count: number }>(
      `select count(distinct organization_id)::int as count from queue_entry where organization_id <> $1`,
      [engine.organizationId],
    );
    expect(await seconds()).toBe(4 + 4 * count);
  });
});

describe('how many jobs of an organization may wait', () => {
  const schemas = createSchemaChecker(inTime);
  const submit = async (idempotencyKey: string | null = null): Promise<string> => {
    const outcome = await submitJob(
      ports(),
      schemas,
      engine.user.id,
      'c',
      engine.submission({ idempotencyKey }),
    );
    return outcome.ok ? outcome.value.jobId : outcome.errors.map((error) => error.code).join();
  };
  let cap: ReturnType<typeof createQueueCap>;
  beforeEach(() => {
    cap = createQueueCap(queue);
  });
  const ports = () => ({ ...engine.ports, queueCap: cap });

  it('is kept to the job, and what starts makes room at once', async () => {
    for (let n = 0; n < 6; n++) expect(await submit()).not.toBe('QUEUE_FULL');
    expect(await submit()).toBe('QUEUE_FULL');
    await engine.claim({ capacity: 2 });
    expect(await submit()).not.toBe('QUEUE_FULL');
    expect(await submit()).not.toBe('QUEUE_FULL');
    expect(await submit()).toBe('QUEUE_FULL');
  });

  it('does not take back what was accepted under a key', async () => {
    const first = await submit('key');
    for (let n = 0; n < 5; n++) await submit();
    expect(await submit()).toBe('QUEUE_FULL');
    expect(await submit('key')).toBe(first);
  });

  it('counts jobs that are put off, and not those of others', async () => {
    for (let n = 0; n < 6; n++)
      await engine.submit({ startAt: new Date(engine.ports.now().getTime() + 3_600_000) });
    expect(await submit()).toBe('QUEUE_FULL');
    expect(await cap.admit(randomUUID(), 6)).toBeUndefined();
    expect((await cap.admit(randomUUID(), 7))?.code).toBe('QUEUE_FULL');
  });

  it("is an operator's to set for one organization", async () => {
    const member = await setQueueLimits(engine.ports, engine.user, engine.organizationId, {
      concurrentAttempts: 9,
      queuedJobs: null,
    });
    expect(member.ok).toBe(false);
    expect((await limit(-1, 1.5)).ok).toBe(false);
    expect((await limit(3, 1)).ok).toBe(true);
    expect(await submit()).not.toBe('QUEUE_FULL');
    expect(await submit()).toBe('QUEUE_FULL');
    expect(await queue.use(engine.organizationId)).toEqual({
      concurrentAttempts: 3,
      queuedJobs: 1,
      runningAttempts: 0,
      waitingJobs: 1,
    });
    expect((await limit(null, null)).ok).toBe(true);
    expect(await queue.use(engine.organizationId)).toMatchObject(DEFAULTS);
  });
});
