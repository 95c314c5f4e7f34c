import { aUser } from '@weft/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { failed, startEngine, succeeded, type Engine } from '../testing/engine.js';
import { cancelJob } from './cancel-job.js';
import { expireLeases } from './expire-leases.js';
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
