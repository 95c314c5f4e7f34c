import { beforeEach, describe, expect, it } from 'vitest';
import { failed, startEngine, succeeded, type Engine } from '../testing/engine.js';
import { disagreements } from '../testing/engine-tables.js';
import {
  FAILS,
  from,
  DIAMOND,
  jobsOf,
  keep,
  schemas,
  statesOf,
  submit,
  workOff,
  workOnce,
} from '../testing/workflows.js';
import { cancelBatch } from './cancel-batch.js';
import { requeueDeadLetters } from './dead-letters.js';
import { deleteJob, deleteOutlived } from './keep-record.js';
import { rerunJob } from './rerun-job.js';
import { retryJob } from './retry-job.js';
import { retryWorkflow } from './retry-workflow.js';

let engine: Engine;
beforeEach(async () => {
  engine = await startEngine();
});

const inputOf = async (jobId: string) => (await engine.reader.inputs([jobId]))[0];

describe('cancelling a workflow', () => {
  it('ends what waits as cancelled, not as failed, and releases nothing', async () => {
    for (const onFailure of ['STOP', 'CONTINUE'] as const) {
      const id = await submit(engine, DIAMOND, { onFailure });
      const [running] = await engine.claim({ capacity: 1 });
      expect(await cancelBatch(engine.ports, engine.user, id, 'workflow')).toMatchObject({
        ok: true,
        value: { jobs: 5 },
      });
      await keep(engine);
      await engine.report(running!, 'FINISHED', [{ ...succeeded(0), outcome: 'CANCELLED' as const }]);
      expect(await workOff(engine)).toEqual([]);
      expect(new Set(Object.values(await statesOf(engine, id)))).toEqual(new Set(['CANCELLED']));
    }
  });
});

describe('retrying a workflow', () => {
  it('of one step loses nothing to a cancellation that is about to end', async () => {
    const id = await submit(engine, { make: {}, use: { needs: ['make'] } });
    await workOff(engine, { make: FAILS });
    const { make } = await jobsOf(engine, id);
    await engine.ports.transact((tx) => tx.batches.askToCancel(id, engine.user.id));
    // The request has passed all jobs; then comes this one, and somebody looks.
    expect((await retryJob(engine.ports, engine.user, 'c', make!.id, 'FAILED')).ok).toBe(true);
    expect(await workOff(engine)).toEqual([]);
    await engine.ports.transact((tx) => tx.batches.cancelReached(id));
    expect(await workOff(engine)).toEqual(['make']);
  });

  it('is refused while a step runs with results that it would replace', async () => {
    const id = await submit(
      engine,
      { make: {}, use: { needs: ['make'], data: from('make', { default: 0 }) }, end: { needs: ['use'] } },
      { onFailure: 'CONTINUE' },
    );
    await workOnce(engine, { make: FAILS });
    await keep(engine);
    const retry = () => retryWorkflow(engine.ports, engine.user, 'c', id);
    const refusal = {
      ok: false,
      errors: [{ code: 'CONFLICT', message: expect.stringMatching(/^Step "use" /) as string }],
    };
    expect(await retry()).toMatchObject(refusal);
    const [use] = await engine.claim();
    expect(await retry()).toMatchObject(refusal);
    expect(await statesOf(engine, id)).toMatchObject({ make: 'FAILED', end: 'PENDING' });
    await engine.report(use!, 'FINISHED', [succeeded(0)]);
    // What waits still is given the new results anyway.
    expect(await retry()).toMatchObject({ ok: true, value: { jobs: 2 } });
    expect(await workOff(engine, { make: 'made' })).toEqual(['make', 'use', 'end']);
    expect(await inputOf((await jobsOf(engine, id))['use']!.id)).toMatchObject({ data: 'made' });
  });

  it('runs again what failed and all that hangs on it, with the new results', async () => {
    const id = await submit(
      engine,
      {
        make: {},
        use: { needs: ['make'], data: from('make', { default: 'none' }) },
        other: {},
        end: { needs: ['use', 'other'] },
      },
      { onFailure: 'CONTINUE' },
    );
    await workOff(engine, { make: FAILS });
    const before = await jobsOf(engine, id);
    expect(await inputOf(before['use']!.id)).toMatchObject({ data: 'none' });
    expect(await retryWorkflow(engine.ports, engine.user, 'c', id)).toMatchObject({
      ok: true,
      value: { jobs: 3 },
    });
    expect(await statesOf(engine, id)).toEqual({
      make: 'PENDING',
      use: 'PENDING',
      other: 'SUCCEEDED',
      end: 'PENDING',
    });
    expect(await disagreements(engine)).toEqual([]);
    expect(await workOff(engine, { make: 'made' })).toEqual(['make', 'use', 'end']);
    const after = await jobsOf(engine, id);
    expect(after['use']).toMatchObject({ retryOf: before['use']!.id, state: 'SUCCEEDED' });
    expect(after['other']?.id).toBe(before['other']?.id);
    expect(await inputOf(after['use']!.id)).toMatchObject({ data: 'made' });
    expect(await inputOf(before['use']!.id)).toMatchObject({ data: 'none' });
    const again = await retryWorkflow(engine.ports, engine.user, 'c', id);
    expect(!again.ok && again.errors[0]?.code).toBe('JOB_NOTHING_TO_RETRY');
  });

  it('of one step waits for its needs as the first run did', async () => {
    const id = await submit(engine, { make: {}, use: { needs: ['make'], data: from('make') } });
    await workOff(engine, { make: FAILS });
    const { make, use } = await jobsOf(engine, id);
    const refused = await rerunJob(engine.ports, schemas, engine.user, 'c', {
      jobId: use!.id,
      change: (same) => same,
      keepsWebhook: true,
    });
    expect(!refused.ok && refused.errors[0]?.code).toBe('CONFLICT');
    // As long as nothing has changed, it fails for the same reason.
    expect((await retryJob(engine.ports, engine.user, 'c', use!.id, 'FAILED')).ok).toBe(true);
    await keep(engine);
    expect((await statesOf(engine, id))['use']).toBe('FAILED');
    const second = (await jobsOf(engine, id))['use']!;
    expect((await retryJob(engine.ports, engine.user, 'c', make!.id, 'FAILED')).ok).toBe(true);
    expect((await retryJob(engine.ports, engine.user, 'c', second.id, 'FAILED')).ok).toBe(true);
    expect(await workOff(engine, { make: 'made' })).toEqual(['make', 'use']);
    expect(await inputOf((await jobsOf(engine, id))['use']!.id)).toMatchObject({ data: 'made' });
  });

  it('happens as well where its dead letters are run again: each waits for its needs anew', async () => {
    const id = await submit(engine, { make: {}, use: { needs: ['make'], data: from('make') } });
    await workOff(engine, { make: FAILS });
    const request = { actor: engine.user, choice: { filter: { batchId: id } }, dryRun: false };
    const requeued = await requeueDeadLetters(engine.ports, engine.reader, request, 'c', 'FAILED');
    expect(requeued).toMatchObject({ ok: true, value: { jobs: 2 } });
    expect(await workOff(engine, { make: 'made' })).toEqual(['make', 'use']);
    expect(await inputOf((await jobsOf(engine, id))['use']!.id)).toMatchObject({ data: 'made' });
  });

  it('goes on telling the receiver of each step', async () => {
    const told = (name: string) => ({ webhook: { url: `https://hooks.dev/${name}`, secret: null } });
    const id = await submit(engine, {
      make: told('make'),
      quiet: {},
      use: { needs: ['make'], ...told('use') },
    });
    await workOff(engine, { make: FAILS, quiet: FAILS });
    expect((await retryWorkflow(engine.ports, engine.user, 'c', id)).ok).toBe(true);
    const { make, use } = await jobsOf(engine, id);
    const rows = await engine.database.query<{ jobId: string; url: string }>(
      `select w.job_id as "jobId", w.url from job_webhook w join job j on j.id = w.job_id
        where j.batch_id = $1 and j.batch_last and j.webhook order by w.url`,
      [id],
    );
    expect(rows.map(({ jobId, url }) => [jobId, url])).toEqual([
      [make?.id, 'https://hooks.dev/make'],
      [use?.id, 'https://hooks.dev/use'],
    ]);
  });

  it('keeps the items of a step that succeeded, where its input stays the same', async () => {
    const id = await submit(engine, {
      make: { items: [null, null] },
      use: { needs: ['make'], data: from('make') },
    });
    const [attempt] = await engine.claim({ capacity: 1 });
    const bad = {
      index: 1,
      outcome: 'FAILED',
      result: null,
      resultArtifactId: null,
      resultSha256: null,
      error: { code: 'X', message: 'x', retryable: false },
    } as const;
    await engine.report(attempt!, 'FINISHED', [succeeded(0, 'zero'), bad]);
    await keep(engine);
    expect(await retryWorkflow(engine.ports, engine.user, 'c', id)).toMatchObject({
      ok: true,
      value: { jobs: 2 },
    });
    await keep(engine);
    const started = await engine.claim();
    expect(started.map((one) => one.items.map((item) => item.index))).toEqual([[1]]);
    await engine.report(started[0]!, 'FINISHED', [succeeded(1, 'one')]);
    await workOff(engine);
    const { use } = await jobsOf(engine, id);
    expect(await inputOf(use!.id)).toMatchObject({ data: ['zero', 'one'] });
  });
});

describe('deleting steps', () => {
  it('takes the inputs along with the last job of each, and leaves nothing waiting', async () => {
    const command = {
      command: 'echo',
      startScript: null,
      workingDirectory: null,
      environment: [],
      codeArtifactId: null,
      codeFileName: null,
    };
    const id = await submit(engine, {
      make: {},
      slow: {},
      use: { needs: ['make'], serviceVersionId: null, command, params: from('make') },
      both: { needs: ['make', 'slow'] },
    });
    const [first, second] = await engine.claim();
    const [make, slow] = first?.jobName === 'make' ? [first, second] : [second, first];
    await engine.report(make!, 'FINISHED', [succeeded(0)]);
    await keep(engine);
    // Long ended, as retention sees it; but somebody still waits for what was made.
    await engine.ports.transact((tx) => tx.records.setRetention(engine.organizationId, 1, engine.user.id));
    const age = (days: number) =>
      engine.database.query(`update ended_job set ended_at = ended_at - make_interval(days => $1)`, [days]);
    await age(9);
    expect(await deleteOutlived(engine.ports)).toBe(0);
    await age(-9);
    expect((await deleteJob(engine.ports, engine.user, make!.jobId)).ok).toBe(true);
    const [use] = await engine.claim();
    await engine.report(use!, 'FINISHED', [failed(0, 'X', false)]);
    await engine.report(slow!, 'FINISHED', [succeeded(0)]);
    await keep(engine);
    expect(await statesOf(engine, id)).toEqual({ slow: 'SUCCEEDED', use: 'FAILED', both: 'FAILED' });
    // What was resolved once, and then not any more: two inputs that share the submitted one.
    expect((await retryWorkflow(engine.ports, engine.user, 'c', id)).ok).toBe(true);
    await workOff(engine);
    const jobs = await engine.database.query<{ id: string }>('select id from job');
    for (const job of jobs.toReversed()) await deleteJob(engine.ports, engine.user, job.id);
    for (const job of jobs) await deleteJob(engine.ports, engine.user, job.id);
    expect(await engine.database.query('select 1 from job')).toEqual([]);
    expect(await engine.database.query('select 1 from job_input')).toEqual([]);
    expect(await jobsOf(engine, id)).toEqual({});
  });
});
