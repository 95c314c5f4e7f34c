import { aUser } from '@weft/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { failed, startEngine, succeeded, type Engine } from '../testing/engine.js';
import { cancelItems } from './cancel-items.js';
import { cancelJob } from './cancel-job.js';
import { expireLeases } from './expire-leases.js';
import { renewLeases } from './renew-leases.js';
import { retryJob } from './retry-job.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

describe('cancelling', () => {
  it('ends a waiting job at once, and refuses a final one', async () => {
    const id = await engine.submit();
    expect(await cancelJob(engine.ports, engine.user, id)).toMatchObject({ ok: true });
    expect(await engine.job(id)).toMatchObject({ state: 'CANCELLED', claimableAt: null });
    expect(await engine.claim()).toEqual([]);
    expect(await cancelJob(engine.ports, engine.user, id)).toMatchObject({
      ok: false,
      errors: [{ code: 'JOB_ALREADY_FINAL' }],
    });
  });

  it('asks a running one, tells its worker, and accepts whichever comes first', async () => {
    const stopped = await engine.submit();
    const [first] = await engine.claim();
    await cancelJob(engine.ports, engine.user, stopped);
    expect((await engine.job(stopped)).state).toBe('CANCELLING');
    expect(engine.cancelled).toContain(`${stopped}:1`);
    await engine.report(first!, 'FINISHED', [{ ...failed(0, 'CANCELLED'), outcome: 'CANCELLED' }]);
    expect((await engine.job(stopped)).state).toBe('CANCELLED');

    const finished = await engine.submit();
    const [second] = await engine.claim();
    await cancelJob(engine.ports, engine.user, finished);
    await engine.report(second!, 'FINISHED', [succeeded(0)]);
    expect((await engine.job(finished)).state).toBe('SUCCEEDED');

    const lost = await engine.submit();
    await engine.claim();
    await cancelJob(engine.ports, engine.user, lost);
    await engine.silence();
    await expireLeases(engine.ports);
    expect((await engine.job(lost)).state).toBe('CANCELLED');
  });

  it('of the job is told also where each of its items was asked to by itself before', async () => {
    const id = await engine.submit();
    const [attempt] = await engine.claim();
    await cancelItems(engine.ports, engine.user, id, [0]);
    expect((await engine.job(id)).state).toBe('IN_PROGRESS');
    const elsewhere = engine.replica();
    await elsewhere.report(attempt!, 'STARTED');
    await cancelJob(engine.ports, engine.user, id);
    expect((await engine.job(id)).state).toBe('CANCELLING');
    const { rows } = await engine.reader.timeline(id, 0, 100);
    expect(rows.at(-1)).toMatchObject({ from: 'IN_PROGRESS', to: 'CANCELLING', items: [] });
    await elsewhere.report(attempt!, 'FINISHED', [failed(0)]);
    expect((await engine.job(id)).cancelRequestedAt).not.toBeNull();
  });

  it('is not for strangers, who do not even learn that the job is there', async () => {
    const id = await engine.submit();
    const stranger = aUser();
    expect(await cancelJob(engine.ports, stranger, id)).toMatchObject({
      ok: false,
      errors: [{ code: 'NOT_FOUND' }],
    });
    expect(await retryJob(engine.ports, stranger, 'c', id, 'ALL')).toMatchObject({
      ok: false,
      errors: [{ code: 'NOT_FOUND' }],
    });
    expect(await engine.reader.job(stranger, id)).toBeUndefined();
    expect(
      (
        await engine.reader.jobs(
          stranger,
          { organizationId: engine.organizationId },
          { first: 10, after: undefined },
        )
      ).rows,
    ).toEqual([]);
    const viewer = aUser({ organizations: [{ id: engine.organizationId, role: 'VIEWER' }] });
    expect(await cancelJob(engine.ports, viewer, id)).toMatchObject({
      ok: false,
      errors: [{ code: 'FORBIDDEN' }],
    });
    await cancelJob(engine.ports, engine.user, id);
  });
});

describe('cancelling items', () => {
  const three = { items: ['1', '2', '3'] };
  const cancel = (id: string, ...items: number[]) => cancelItems(engine.ports, engine.user, id, items);
  const states = async (id: string) =>
    (await engine.reader.items(id, -1, 100)).rows.map((item) => item.state);
  const cancelledItem = (index: number) => ({ ...failed(index, 'CANCELLED'), outcome: 'CANCELLED' as const });

  it('ends those that wait, and the job waits on with the others', async () => {
    const startAt = new Date(Date.now() + 60_000);
    const id = await engine.submit({ ...three, startAt });
    expect(await cancel(id, 0, 2)).toMatchObject({ ok: true });
    expect(await states(id)).toEqual(['CANCELLED', 'PENDING', 'CANCELLED']);
    expect(await engine.job(id)).toMatchObject({
      state: 'PENDING',
      reason: 'SCHEDULED',
      cancelRequestedAt: null,
    });
    expect(await cancel(id, 1)).toMatchObject({ ok: true });
    expect(await engine.job(id)).toMatchObject({
      state: 'CANCELLED',
      claimableAt: null,
      cancelRequestedAt: null,
    });
    const left = await engine.database.query('select from queue_entry where job_id = $1', [id]);
    expect(left).toEqual([]);
  });

  it('asks for those that run, by message and again at each renewal, and the others go on', async () => {
    const id = await engine.submit(three);
    const [first] = await engine.claim();
    expect(first?.items.map((item) => item.index)).toEqual([0, 1]);
    expect(await cancel(id, 1, 2)).toMatchObject({ ok: true });
    expect(await states(id)).toEqual(['IN_PROGRESS', 'CANCELLING', 'CANCELLED']);
    expect((await engine.job(id)).state).toBe('IN_PROGRESS');
    expect(engine.cancelled).toContain(`${id}:1:items 1`);
    const told = async () => {
      const attempts = [{ jobId: id, attempt: 1, fence: first!.fence, progress: null }];
      const worker = { workerId: 'worker-1', targetId: 'local-process' };
      return (await renewLeases(engine.ports, worker, { requestId: 'renewal-1', attempts })).attempts[0];
    };
    expect(await told()).toMatchObject({ standing: 'held', cancel: false, cancelItems: [1] });
    // With the last of it all that is left is asked for: so every worker understands it.
    expect(await cancel(id, 0, 1)).toMatchObject({ ok: true });
    expect(engine.cancelled).toContain(`${id}:1`);
    expect(await told()).toMatchObject({ standing: 'held', cancel: true });
    await engine.report(first!, 'FINISHED', [succeeded(0)]);
    await engine.report(first!, 'FINISHED', [cancelledItem(1)]);
    expect(await states(id)).toEqual(['SUCCEEDED', 'CANCELLED', 'CANCELLED']);
    expect(await engine.job(id)).toMatchObject({ state: 'CANCELLED', cancelRequestedAt: null });
  });

  it('runs what waits after what was cancelled, and the whole may be cancelled later', async () => {
    const id = await engine.submit(three);
    const [first] = await engine.claim({ start: false });
    await cancel(id, 0, 1);
    expect((await engine.job(id)).state).toBe('DEQUEUED');
    await engine.report(first!, 'FINISHED', [cancelledItem(0), cancelledItem(1)]);
    expect((await engine.job(id)).state).toBe('PENDING');
    const [second] = await engine.claim();
    expect(second?.items.map((item) => item.index)).toEqual([2]);
    await cancelJob(engine.ports, engine.user, id);
    expect((await engine.job(id)).state).toBe('CANCELLING');
    expect(await cancel(id, 2)).toMatchObject({ ok: true });
    await engine.report(second!, 'FINISHED', [cancelledItem(2)]);
    expect((await engine.job(id)).state).toBe('CANCELLED');
  });

  it('refuses items that have ended or that there are not, and then cancels none', async () => {
    const id = await engine.submit(three);
    const [first] = await engine.claim();
    await engine.report(first!, 'FINISHED', [succeeded(0)]);
    expect(await cancel(id, 1, 0, 3)).toMatchObject({
      ok: false,
      errors: [
        { code: 'JOB_ALREADY_FINAL', path: ['input', 'items', '1'] },
        { code: 'BAD_USER_INPUT', path: ['input', 'items', '2'] },
      ],
    });
    expect(await cancel(id)).toMatchObject({ ok: false, errors: [{ path: ['input', 'items'] }] });
    expect(await states(id)).toEqual(['SUCCEEDED', 'IN_PROGRESS', 'PENDING']);
    await cancelJob(engine.ports, engine.user, id);
    await engine.report(first!, 'FINISHED', [cancelledItem(1)]);
    expect(await cancel(id, 1)).toMatchObject({ ok: false, errors: [{ path: ['input', 'id'] }] });
    expect(await cancelItems(engine.ports, aUser(), id, [1])).toMatchObject({
      errors: [{ code: 'NOT_FOUND' }],
    });
  });
});
