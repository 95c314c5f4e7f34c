import { beforeAll, describe, expect, it } from 'vitest';
import { failed, startEngine, succeeded, type Engine } from '../testing/engine.js';
import { newsOf } from '../testing/engine-tables.js';
import { retryJob } from './retry-job.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

describe('a job of several items', () => {
  it('is claimed in slices, rolls up, and can retry what failed while it runs', async () => {
    const id = await engine.submit({ items: ['{"i":0}', '{"i":1}', '{"i":2}'] });
    const [one] = await engine.claim();
    expect(one?.items.map((item) => item.index)).toEqual([0, 1]);
    const [two] = await engine.claim();
    expect(two).toMatchObject({
      attempt: 2,
      items: [{ index: 2, params: { by: 'value', json: '{"i":2}' } }],
    });
    await engine.report(one!, 'FINISHED', [succeeded(0), failed(1)]);
    expect(await engine.job(id)).toMatchObject({
      state: 'IN_PROGRESS',
      counts: { SUCCEEDED: 1, FAILED: 1, IN_PROGRESS: 1 },
    });
    expect(await retryJob(engine.ports, engine.user, 'correlation-2', id, 'FAILED')).toEqual({
      ok: true,
      value: { jobId: id },
    });
    const [three] = await engine.claim();
    expect(three?.items.map((item) => item.index)).toEqual([1]);
    await engine.report(three!, 'FINISHED', [succeeded(1)]);
    await engine.report(two!, 'FINISHED', [failed(2)]);
    expect((await engine.job(id)).state).toBe('FAILED');
    const outcome = await retryJob(engine.ports, engine.user, 'correlation-3', id, 'FAILED');
    if (!outcome.ok) throw new Error('refused');
    const successor = await engine.job(outcome.value.jobId);
    expect(successor).toMatchObject({
      retryOf: id,
      state: 'PENDING',
      carriedOver: 2,
      counts: { SUCCEEDED: 2, PENDING: 1 },
    });
    const [four] = await engine.claim();
    expect(four).toMatchObject({
      jobId: successor.id,
      items: [{ index: 2, params: { by: 'value', json: '{"i":2}' } }],
    });
    await engine.report(four!, 'FINISHED', [succeeded(2, 'late')]);
    expect((await engine.job(successor.id)).state).toBe('SUCCEEDED');
    const told = async (jobId: string) => (await newsOf(engine, jobId)).at(-1);
    expect((await told(id))?.attempts.map((attempt) => attempt.number)).toEqual([1, 2, 3]);
    const carried = (await told(successor.id))?.outcomes[0];
    expect(carried).toMatchObject({
      carriedFrom: id,
      resultSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    const { rows } = await engine.reader.items(successor.id, -1, 10);
    expect(rows.map((row) => row.result)).toEqual(['{"ok":true}', '{"ok":true}', '"late"']);
    expect(await retryJob(engine.ports, engine.user, 'c', successor.id, 'FAILED')).toMatchObject({
      ok: false,
      errors: [{ code: 'JOB_NOTHING_TO_RETRY' }],
    });
  });
});
