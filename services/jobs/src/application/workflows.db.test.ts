import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createBatchReader } from '../persistence/batch-reader.js';
import { aVersion, failed, startEngine, succeeded, type Engine } from '../testing/engine.js';
import { disagreements } from '../testing/engine-tables.js';
import {
  FAILS,
  groupOf,
  jobsOf,
  keep,
  statesOf,
  submit,
  tryToSubmit,
  workOff,
  workOnce,
  type Sketches,
} from '../testing/workflows.js';
import { cancelBatch } from './cancel-batch.js';
import { requeueDeadLetters } from './dead-letters.js';
import { deleteJob, deleteOutlived } from './keep-record.js';
import { rerunJob } from './rerun-job.js';
import { resolveReferences } from './resolve-references.js';
import { retryBatch } from './retry-batch.js';
import { retryJob } from './retry-job.js';
import { retryWorkflow } from './retry-workflow.js';
import { schemas } from '../testing/workflows.js';

let engine: Engine;
beforeEach(async () => {
  engine = await startEngine();
});

const DIAMOND: Sketches = {
  last: { needs: ['left', 'right'] },
  first: {},
  left: { needs: ['first'] },
  right: { needs: ['first'] },
  beside: {},
};
const from = (key: string, more: object = {}): string => JSON.stringify({ $from: key, ...more });
const inputOf = async (jobId: string) => (await engine.reader.inputs([jobId]))[0];

describe('a workflow', () => {
  it('has all of its jobs from the start, and lets each run when what it needs has ended', async () => {
    const id = await submit(engine, DIAMOND);
    const jobs = await jobsOf(engine, id);
    expect(
      Object.entries(jobs).map(([key, { state, reason, claimableAt }]) => [
        key,
        state,
        reason,
        claimableAt !== null,
      ]),
    ).toEqual([
      ['last', 'PENDING', 'WAITING_FOR_JOBS', false],
      ['first', 'PENDING', 'QUEUED', true],
      ['left', 'PENDING', 'WAITING_FOR_JOBS', false],
      ['right', 'PENDING', 'WAITING_FOR_JOBS', false],
      ['beside', 'PENDING', 'QUEUED', true],
    ]);
    expect(await disagreements(engine)).toEqual([]);
    expect((await workOnce(engine)).sort()).toEqual(['beside', 'first']);
    expect(await workOnce(engine)).toEqual([]);
    await keep(engine);
    const [first, ...others] = await engine.claim({ capacity: 10 });
    expect(others).toHaveLength(1);
    await engine.report(first!, 'FINISHED', [succeeded(0)]);
    await keep(engine);
    expect((await jobsOf(engine, id))['last']?.reason).toBe('WAITING_FOR_JOBS');
    expect(await disagreements(engine)).toEqual([]);
    await engine.report(others[0]!, 'FINISHED', [succeeded(0)]);
    expect(await workOff(engine)).toEqual(['last']);
    expect(await groupOf(engine, id)).toMatchObject({
      onFailure: 'STOP',
      counts: { SUCCEEDED: 5, PENDING: 0 },
    });
    expect(await engine.database.query('select 1 from workflow_news')).toEqual([]);
  });

  it('gives results of steps to those that need them, with the fingerprint of what they are', async () => {
    const id = await submit(engine, {
      make: { items: [null] },
      many: { items: ['{"i":0}', '{"i":1}'] },
      whole: { needs: ['make'], data: from('make') },
      parts: {
        needs: ['make', 'many'],
        data: '{"kept":true}',
        params: JSON.stringify({ n: { $from: 'make', path: '/n' }, all: { $from: 'many' } }),
        items: [from('many', { path: '/0' }), '{"own":1}'],
      },
    });
    const started = await workOff(engine, { make: { n: 7 }, many: { m: 1 } });
    expect(new Set(started)).toEqual(new Set(['make', 'many', 'whole', 'parts']));
    const jobs = await jobsOf(engine, id);
    const whole = jobs['whole']!;
    expect(await inputOf(whole.id)).toMatchObject({ data: { n: 7 } });
    expect(await inputOf(jobs['parts']!.id)).toMatchObject({
      data: { kept: true },
      params: { n: 7, all: [{ m: 1 }, { m: 1 }] },
    });
    const [row] = await engine.database.query<{ same: boolean; items: unknown }>(
      `select d.data_sha256 = encode(sha256(convert_to(x.result, 'UTF8')), 'hex') as same, p.item_params as items
        from job_input d, job_item x, job_input p where d.id = $1 and x.job_id = $2 and p.id = $3`,
      [whole.inputId, jobs['make']!.id, jobs['parts']!.inputId],
    );
    expect(row).toEqual({ same: true, items: ['{"m":1}', '{"own":1}'] });
    // What is told to others at the end says the same.
    const [told] = await engine.database.query<{ sha: string }>(
      `select body -> 'payload' -> 'inputs' ->> 'dataSha256' as sha from outbox
        where body -> 'payload' ->> 'jobId' = $1 order by position desc limit 1`,
      [whole.id],
    );
    expect(told?.sha).toBe(
      (
        await engine.database.query<{ s: string }>(`select data_sha256 as s from job_input where id = $1`, [
          whole.inputId,
        ])
      )[0]?.s,
    );
  });

  it('opens the secrets of a command that is given results', async () => {
    const command = {
      command: 'echo',
      startScript: null,
      workingDirectory: null,
      environment: [{ name: 'KEY', value: 'hidden', secret: true }],
      codeArtifactId: null,
      codeFileName: null,
    };
    await submit(engine, {
      make: {},
      use: { needs: ['make'], serviceVersionId: null, command, params: from('make') },
    });
    await workOnce(engine, { make: 'made' });
    await keep(engine);
    const [use] = await engine.claim();
    expect(use?.params).toEqual({ by: 'value', json: '"made"' });
    expect(JSON.stringify(use?.code)).toContain('hidden');
  });

  it('hands a file over as the whole of data, and waits for one that is not known yet', async () => {
    const id = await submit(engine, {
      make: {},
      known: { needs: ['make'], data: from('make') },
      inside: { needs: ['make'], data: JSON.stringify({ in: { $from: 'make' } }) },
    });
    const [make] = await engine.claim();
    const artifact = {
      id: randomUUID(),
      organizationId: engine.organizationId,
      size: 5,
      sha256: 'a'.repeat(64),
    };
    const item = {
      ...succeeded(0),
      result: null,
      resultArtifactId: artifact.id,
      resultSha256: artifact.sha256,
    };
    await engine.report(make!, 'FINISHED', [item]);
    await keep(engine);
    let jobs = await jobsOf(engine, id);
    expect(jobs['inside']).toMatchObject({ state: 'FAILED' });
    expect(jobs['known']).toMatchObject({
      state: 'PENDING',
      reason: 'WAITING_FOR_REFERENCE',
      claimableAt: null,
    });
    await engine.ports.transact((tx) => tx.references.keepArtifact(artifact));
    await resolveReferences(engine.ports, schemas);
    jobs = await jobsOf(engine, id);
    expect(jobs['known']).toMatchObject({ state: 'PENDING', reason: 'QUEUED' });
    const [known] = await engine.claim();
    expect(known?.data).toEqual({ by: 'artifact', artifactId: artifact.id });
    expect(await inputOf(jobs['known']!.id)).toMatchObject({ data: null, dataArtifactId: artifact.id });
  });

  it('fails a step whose input cannot be made, or does not fit, and says why', async () => {
    const version = aVersion(engine.organizationId, {
      paramsSchema: { type: 'object', properties: { n: { type: 'integer' } } },
    });
    await engine.ports.transact((tx) => tx.references.keepServiceVersion(version));
    const id = await submit(engine, {
      make: {},
      gone: { needs: ['make'], data: from('make', { path: '/gone' }) },
      unfit: {
        needs: ['make'],
        serviceVersionId: version.id,
        params: JSON.stringify({ n: { $from: 'make' } }),
      },
      after: { needs: ['gone'] },
    });
    await workOff(engine, { make: 'text' });
    expect(await statesOf(engine, id)).toEqual({
      make: 'SUCCEEDED',
      gone: 'FAILED',
      unfit: 'FAILED',
      after: 'FAILED',
    });
    const jobs = await jobsOf(engine, id);
    const rows = await engine.database.query<{ name: string; cause: string; code: string }>(
      `select j.name, e.cause, x.error ->> 'code' as code from job j join job_event e on e.job_id = j.id and e.seq = j.seq
        join job_item x on x.job_id = j.id where j.id = any($1) order by j.name`,
      [Object.values(jobs).map((job) => job.id)],
    );
    expect(rows).toEqual([
      { name: 'after', cause: 'NEED_FAILED', code: 'NEED_FAILED' },
      { name: 'gone', cause: 'INPUT_REFUSED', code: 'INPUT_UNRESOLVED' },
      { name: 'make', cause: 'SUCCEEDED', code: null },
      { name: 'unfit', cause: 'INPUT_REFUSED', code: 'INPUT_SCHEMA_VIOLATION' },
    ]);
    expect(await disagreements(engine)).toEqual([]);
  });

  it('STOP: fails what depends on a failure, at once and all the way; other branches go on', async () => {
    const id = await submit(engine, { ...DIAMOND, end: { needs: ['last', 'beside'] } });
    expect(await workOff(engine, { left: FAILS })).toEqual(
      expect.arrayContaining(['first', 'right', 'beside']),
    );
    expect(await statesOf(engine, id)).toEqual({
      last: 'FAILED',
      first: 'SUCCEEDED',
      left: 'FAILED',
      right: 'SUCCEEDED',
      beside: 'SUCCEEDED',
      end: 'FAILED',
    });
  });

  it('CONTINUE: runs what depends on a failure, with null in the place of the result', async () => {
    const id = await submit(
      engine,
      {
        make: {},
        use: {
          needs: ['make'],
          data: from('make'),
          params: JSON.stringify({ d: { $from: 'make', path: '/x', default: 3 } }),
        },
      },
      { onFailure: 'CONTINUE' },
    );
    expect(await workOff(engine, { make: FAILS })).toEqual(['make', 'use']);
    const jobs = await jobsOf(engine, id);
    expect(jobs['use']?.state).toBe('SUCCEEDED');
    expect(await inputOf(jobs['use']!.id)).toMatchObject({ data: null, params: { d: 3 } });
  });

  it('is accepted as a whole or not at all, and once under its key', async () => {
    const wrong = await tryToSubmit(engine, {
      a: {},
      b: { needs: ['a'], targetId: 'local-process', size: 'huge' },
    });
    expect(!wrong.ok && wrong.errors.map(({ code, path }) => [code, path.join('.')])).toEqual([
      ['TARGET_INCOMPATIBLE', 'input.steps.1.size'],
    ]);
    expect(await engine.database.query('select 1 from job union all select 1 from batch')).toEqual([]);
    const once = await submit(engine, { a: {} }, { idempotencyKey: 'k' });
    expect(await submit(engine, { a: {} }, { idempotencyKey: 'k' })).toBe(once);
    const other = await tryToSubmit(engine, { a: {}, b: {} }, { idempotencyKey: 'k' });
    expect(!other.ok && other.errors[0]?.code).toBe('IDEMPOTENCY_CONFLICT');
  });

  it('is listed among workflows, and is no batch', async () => {
    const id = await submit(engine, { a: {} });
    const reader = createBatchReader(engine.database);
    const page = { first: 10, after: undefined };
    expect((await reader.list(engine.user, { workflows: true }, page)).rows.map((one) => one.id)).toEqual([
      id,
    ]);
    expect((await reader.list(engine.user, { workflows: false }, page)).rows).toEqual([]);
    for (const outcome of [
      await cancelBatch(engine.ports, engine.user, id),
      await retryBatch(engine.ports, engine.user, 'c', id, 'ALL'),
    ])
      expect(!outcome.ok && outcome.errors[0]?.code).toBe('NOT_FOUND');
  });
});

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
