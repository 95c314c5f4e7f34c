import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine, succeeded, type Engine } from '../testing/engine.js';
import { expireLeases } from './expire-leases.js';
import { renewLeases } from './renew-leases.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

describe('leases and fencing', () => {
  it('gives a lost attempt to another worker at once, and hears the first one no more', async () => {
    const id = await engine.submit();
    const [zombie] = await engine.claim({ workerId: 'worker-1' });
    await engine.silence();
    await expireLeases(engine.ports);
    expect(await engine.job(id)).toMatchObject({ state: 'PENDING', reason: 'RETRYING' });
    const [next] = await engine.claim({ workerId: 'worker-2' });
    expect(next).toMatchObject({ jobId: id, attempt: 2 });
    expect(await engine.report(zombie!, 'FINISHED', [succeeded(0, 'zombie')])).toEqual({
      standing: 'refused',
      code: 'LEASE_LOST',
    });
    expect(await engine.database.query('select 1 from refused_report where job_id = $1', [id])).toHaveLength(
      1,
    );
    expect(await engine.report(next!, 'FINISHED', [succeeded(0, 'second')], 'worker-2')).toEqual({
      standing: 'accepted',
    });
    const [item] = await engine.reader.soleItems([id]);
    expect(item?.result).toBe('"second"');
  });

  it('takes back the work of a dead worker also beside a job that cannot be moved on', async () => {
    const ids = [await engine.submit(), await engine.submit()];
    await engine.claim();
    await engine.silence();
    await engine.database.query('delete from job_item where job_id = $1', [ids[0]]);
    await expireLeases(engine.ports);
    expect(engine.stuck).toEqual([ids[0]]);
    expect((await engine.job(ids[1]!)).state).toBe('PENDING');
    await engine.database.query('delete from job where id = any($1)', [ids]);
  });

  it('ends a job that kills three workers', async () => {
    const id = await engine.submit();
    for (let loss = 1; loss <= 3; loss++) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(await engine.claim()).toHaveLength(1);
      await engine.silence();
      await expireLeases(engine.ports);
    }
    expect((await engine.job(id)).state).toBe('FAILED');
    const [item] = await engine.reader.soleItems([id]);
    expect(item?.error?.code).toBe('WORKER_LOST');
  });

  it('renews only for the holder, and tells a stranger that it has nothing', async () => {
    await engine.submit();
    const [attempt] = await engine.claim();
    const ref = {
      jobId: attempt!.jobId,
      attempt: 1,
      fence: attempt!.fence,
      progress: { fraction: 0.5, message: 'half' },
    };
    const ask = (workerId: string, fence = ref.fence) =>
      renewLeases(
        engine.ports,
        { workerId, targetId: 'local-process' },
        { requestId: 'renew-123', attempts: [{ ...ref, fence }] },
      );
    expect((await ask('worker-1')).attempts[0]).toMatchObject({
      standing: 'held',
      cancel: false,
      leaseMs: 30_000,
    });
    expect((await ask('thief')).attempts[0]?.standing).toBe('lost');
    expect((await ask('worker-1', ref.fence + 1)).attempts[0]?.standing).toBe('lost');
    expect(await engine.report(attempt!, 'FINISHED', [succeeded(0)], 'thief')).toEqual({
      standing: 'refused',
      code: 'LEASE_LOST',
    });
    const [view] = (await engine.reader.attempts([ref.jobId]))[0] ?? [];
    expect(view).toMatchObject({ progress: 0.5, progressMessage: 'half' });
    await engine.report(attempt!, 'FINISHED', [succeeded(0)]);
  });

  it('takes back what a stopping worker releases, without counting it', async () => {
    const id = await engine.submit();
    const [attempt] = await engine.claim();
    await engine.report(attempt!, 'RELEASED');
    expect(await engine.job(id)).toMatchObject({ state: 'PENDING' });
    const [again] = await engine.claim();
    await engine.report(again!, 'FINISHED', [succeeded(0)]);
    const [item] = await engine.reader.soleItems([id]);
    expect(item).toMatchObject({ failures: 0, losses: 0, state: 'SUCCEEDED' });
  });
});
