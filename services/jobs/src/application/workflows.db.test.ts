import { createHash, randomUUID } from 'node:crypto';
import { checking } from '../testing/checks.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { createBatchReader } from '../persistence/batch-reader.js';
import { aVersion, startEngine, succeeded, type Engine } from '../testing/engine.js';
import { disagreements, newsOf } from '../testing/engine-tables.js';
import {
  DIAMOND,
  FAILS,
  from,
  groupOf,
  jobsOf,
  keep,
  statesOf,
  submit,
  tryToSubmit,
  workOff,
  workOnce,
} from '../testing/workflows.js';
import { cancelBatch } from './cancel-batch.js';
import { resolveReferences } from './resolve-references.js';
import { retryBatch } from './retry-batch.js';

let engine: Engine;
beforeEach(async () => {
  engine = await startEngine();
});

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
    const ids = Object.fromEntries(
      Object.entries(await jobsOf(engine, id)).map(([key, job]) => [key, job.id]),
    );
    const needed = async (key: string) => (await newsOf(engine, ids[key] ?? '')).map(({ needs }) => needs);
    expect((await needed('last')).at(-1)).toEqual([ids['left'], ids['right']]);
    expect((await needed('last'))[0]).toEqual([]);
    // A step that needs none says so: that is how it is known as a step.
    expect(new Set((await needed('first')).map((needs) => needs?.length))).toEqual(new Set([0]));
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
    const told = (await newsOf(engine, whole.id)).at(-1);
    expect(told?.inputs.dataSha256).toBe(
      (
        await engine.database.query<{ s: string }>(`select data_sha256 as s from job_input where id = $1`, [
          whole.inputId,
        ])
      )[0]?.s,
    );
    expect(told?.inputs.results).toEqual([{ jobId: jobs['make']!.id, place: 'DATA', items: [[0, 0]] }]);
    // Which results went where, and what each item brought.
    const ofParts = (await newsOf(engine, jobs['parts']!.id)).at(-1);
    const [make, many] = [jobs['make']!.id, jobs['many']!.id];
    expect(ofParts?.inputs.results).toEqual([
      { jobId: make, place: 'PARAMS', items: [[0, 0]] },
      { jobId: many, place: 'PARAMS', items: [[0, 1]] },
      { jobId: many, place: 'ITEMS', items: [[0, 1]] },
    ]);
    const sha = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(ofParts?.outcomes.map(({ paramsSha256 }) => paramsSha256)).toEqual([
      sha('{"m":1}'),
      sha('{"own":1}'),
    ]);
    const ofMake = (await newsOf(engine, make)).at(-1);
    expect(ofMake?.inputs.results).toBeUndefined();
    expect(ofMake?.outcomes.map(({ paramsSha256 }) => paramsSha256)).toEqual([undefined]);
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
    await resolveReferences(engine.ports, checking);
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

  it('checks and fingerprints at once what only looks as if it referred to a result', async () => {
    const version = aVersion(engine.organizationId, { paramsSchema: { type: 'array', maxItems: 1 } });
    await engine.ports.transact((tx) => tx.references.keepServiceVersion(version));
    const alone = { serviceVersionId: version.id, data: '{"say":"$from"}' };
    const id = await submit(engine, { a: { ...alone, params: '["$from"]' } });
    const [row] = await engine.database.query<{ data: boolean; params: boolean }>(
      `select i.data_sha256 is not null as data, i.params_sha256 is not null as params
        from job j join job_input i on i.id = j.input_id where j.batch_id = $1`,
      [id],
    );
    expect(row).toEqual({ data: true, params: true });
    const unfit = await tryToSubmit(engine, { a: { ...alone, params: '["$from", 2]' } });
    expect(!unfit.ok && unfit.errors.map(({ code }) => code)).toEqual(['INPUT_SCHEMA_VIOLATION']);
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
      await retryBatch(engine.ports, engine.user, 'c', { batchId: id, items: 'ALL', from: 0 }),
    ])
      expect(!outcome.ok && outcome.errors[0]?.code).toBe('NOT_FOUND');
  });
});
