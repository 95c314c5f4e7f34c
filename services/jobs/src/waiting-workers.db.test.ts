// A job is handed to a worker that waits by the statement that writes it.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { setQueueLimits } from './application/set-queue-limits.js';
import { limits, succeeded, startEngine, type Engine } from './testing/engine.js';
import { newsOf } from './testing/engine-tables.js';
import type { Seat } from './waiting-workers.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

const aCommand = {
  command: 'true',
  startScript: null,
  workingDirectory: null,
  environment: [],
  codeArtifactId: null,
  codeFileName: null,
};
const CLAIMANT = { workerId: 'worker-1', targetId: 'local-process' };

async function waitingSeat(capacity: number, requestId: string = randomUUID()): Promise<Seat> {
  const request = { requestId, capacity, start: true };
  const seat = await engine.desk.seat(CLAIMANT, request, () => undefined);
  expect(await seat.look(() => engine.desk.claim(CLAIMANT, request))).toBe(false);
  return seat;
}

const queued = async (jobId: string): Promise<number> =>
  (await engine.database.query('select 1 from queue_entry where job_id = $1', [jobId])).length;

describe('a worker that waits', () => {
  it('is given the job by the statement that writes it: never queued, told in one message', async () => {
    const requestId = randomUUID();
    const seat = await waitingSeat(2, requestId);
    const id = await engine.submit();
    await seat.served;
    const [attempt, ...others] = await seat.leave();
    expect(others).toEqual([]);
    expect(attempt).toMatchObject({ jobId: id, attempt: 1, items: [{ index: 0 }] });
    expect(await queued(id)).toBe(0);
    const causes = (await newsOf(engine, id)).map((news) => news.transitions.map(({ cause }) => cause));
    expect(causes).toEqual([['SUBMITTED', 'CLAIMED', 'STARTED']]);
    expect((await engine.claim({ requestId })).map((one) => one.fence)).toEqual([attempt?.fence]);
    if (attempt === undefined) throw new Error('nothing was handed over');
    expect(await engine.report(attempt, 'FINISHED', [succeeded(0)])).toEqual({ standing: 'accepted' });
    expect(await engine.job(id)).toMatchObject({ state: 'SUCCEEDED', seq: 4, attempts: 1 });
  });

  it('is given no more than it asked for; the others queue', async () => {
    const seat = await waitingSeat(2);
    const ids = await Promise.all(Array.from({ length: 5 }, () => engine.submit()));
    await seat.served;
    expect(await seat.leave()).toHaveLength(2);
    const waiting = await Promise.all(ids.map(queued));
    expect(waiting.reduce((sum, one) => sum + one)).toBe(3);
    expect(await engine.claim()).toHaveLength(3);
  });

  it('gets by a look what comes after something that was never written', async () => {
    const idempotencyKey = randomUUID();
    const first = await engine.submit({ idempotencyKey });
    await engine.claim();
    const requestId = randomUUID();
    const seat = await waitingSeat(1, requestId);
    expect(await engine.submit({ idempotencyKey })).toBe(first);
    const id = await engine.submit();
    await seat.look(() => engine.desk.claim(CLAIMANT, { requestId, capacity: 1, start: true }));
    expect((await seat.leave()).map((one) => one.jobId)).toEqual([id]);
    expect(await queued(id)).toBe(0);
  });

  it('is told of each attempt once, though a repeated look names again what was handed over', async () => {
    const request = { requestId: randomUUID(), capacity: 4, start: true };
    const seat = await engine.desk.seat(CLAIMANT, request, () => undefined);
    const look = () => engine.desk.claim(CLAIMANT, request);
    await seat.look(look);
    const handed = await engine.submit();
    await seat.served;
    const late = await engine.desk.claim(CLAIMANT, request);
    expect(late.map((one) => one.jobId)).toEqual([handed]);
    expect((await seat.leave()).map((one) => one.jobId)).toEqual([handed]);
    // New while it looks: the look must not name it a second time.
    const own = await startEngine();
    const fresh = { requestId: randomUUID(), capacity: 8, start: true, fresh: true };
    const seats = await Promise.all([1, 2, 3].map(() => own.desk.seat(CLAIMANT, fresh, () => undefined)));
    const busy = seats[0] as Seat;
    await busy.look(() => own.desk.claim(CLAIMANT, fresh));
    const [, ids] = await Promise.all([
      busy.look(() => own.desk.claim(CLAIMANT, fresh)),
      Promise.all(Array.from({ length: 6 }, () => own.submit())),
    ]);
    const got = (await busy.leave()).map((one) => one.jobId);
    expect(new Set(got).size).toBe(got.length);
    expect(got.every((id) => ids.includes(id))).toBe(true);
  });

  it('asks for what it was given by a look whose answer was lost', async () => {
    const own = await startEngine();
    const id = await own.submit();
    const request = { requestId: randomUUID(), capacity: 2, start: true, fresh: true };
    const seat = await own.desk.seat(CLAIMANT, request, () => undefined);
    const lost = seat.look(async (fresh) => {
      await own.desk.claim(CLAIMANT, { ...request, fresh });
      throw new Error('the connection broke');
    });
    await expect(lost).rejects.toThrow('broke');
    await seat.look((fresh) => own.desk.claim(CLAIMANT, { ...request, fresh }));
    expect((await seat.leave()).map((one) => one.jobId)).toEqual([id]);
  });

  it('is handed nothing past the limit of the target, by however many replicas', async () => {
    const limited = await startEngine({ target: { limits: { ...limits, concurrentAttempts: 3 } } });
    const replicas = [limited, limited.replica(), limited.replica()];
    const seats = await Promise.all(
      replicas.map(async (replica, n) => {
        const claimant = { ...CLAIMANT, workerId: `worker-${n}` };
        const request = { requestId: randomUUID(), capacity: 5, start: true };
        const seat = await replica.desk.seat(claimant, request, () => undefined);
        await seat.look(() => replica.desk.claim(claimant, request));
        return seat;
      }),
    );
    const ids = (
      await Promise.all(replicas.map((replica) => Promise.all([1, 2, 3].map(() => replica.submit()))))
    ).flat();
    const given = (await Promise.all(seats.map((seat) => seat.leave()))).flat();
    expect(given.length).toBeLessThanOrEqual(3);
    expect(given.length).toBeGreaterThan(0);
    const [row] = await limited.database.query<{ running: number; queued: number }>(
      `select (select count(*)::int from attempt where outcome = 'RUNNING') as running,
        (select count(*)::int from queue_entry) as queued`,
    );
    expect(row).toEqual({ running: given.length, queued: ids.length - given.length });
  });

  it('is handed nothing of an organization with a limit, nor before a time that was set', async () => {
    const own = await startEngine();
    const later = new Date(own.ports.now().getTime() + 60_000);
    await own.database.query(
      `insert into organization_limit (organization_id, concurrent_attempts, set_by) values ($1, 5, 'operator')`,
      [own.organizationId],
    );
    const request = { requestId: randomUUID(), capacity: 5, start: true };
    const seat = await own.desk.seat(CLAIMANT, request, () => undefined);
    expect(await seat.look(() => own.desk.claim(CLAIMANT, request))).toBe(false);
    await own.submit();
    await own.submit({
      organizationId: randomUUID(),
      serviceVersionId: null,
      command: aCommand,
      startAt: later,
    });
    expect(await seat.leave()).toEqual([]);
  });

  it('is handed nothing past a limit that was set after its last look', async () => {
    const own = await startEngine();
    const request = { requestId: randomUUID(), capacity: 5, start: true };
    const seat = await own.desk.seat(CLAIMANT, request, () => undefined);
    expect(await seat.look(() => own.desk.claim(CLAIMANT, request))).toBe(false);
    const operator = { ...own.user, roles: ['operator'] };
    await setQueueLimits(own.ports, operator, own.organizationId, {
      concurrentAttempts: 0,
      queuedJobs: null,
    });
    const id = await own.submit();
    expect(await seat.leave()).toEqual([]);
    expect(await own.database.query('select 1 from queue_entry where job_id = $1', [id])).toHaveLength(1);
  });

  it('that left is given nothing', async () => {
    const seat = await waitingSeat(1);
    expect(await seat.leave()).toEqual([]);
    const id = await engine.submit();
    expect(await queued(id)).toBe(1);
    expect(await engine.claim()).toHaveLength(1);
  });
});
