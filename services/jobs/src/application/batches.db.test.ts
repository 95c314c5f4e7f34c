import { aUser } from '@weft/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { createBatchReader } from '../persistence/batch-reader.js';
import { aVersion, type Engine } from '../testing/engine.js';
import {
  accepted,
  batch,
  claimAll,
  jobs,
  plain,
  refusals,
  schemas,
  startWideEngine,
  submit,
  valueOf,
} from '../testing/batches.js';
import { cancelBatch } from './cancel-batch.js';
import { retryBatch } from './retry-batch.js';
import { submitBatch } from './submit-batch.js';

let engine: Engine;
beforeEach(async () => {
  engine = await startWideEngine();
});

describe('submitting', () => {
  it('keeps what is shared once, and gives each job its own laid over it', async () => {
    const list = [plain, { name: 'mine', data: '[7]', params: '{"b":3,"c":4}' }, { ...plain, params: '5' }];
    const { batchId } = valueOf(
      await submit(engine, list, { data: '{"large":true}', params: '{"a":1,"b":2}' }),
    );
    const { rows } = await engine.reader.jobs(engine.user, { batchId }, { first: 10, after: undefined });
    const byPlace = rows.toSorted((a, b) => (a.batchIndex ?? 0) - (b.batchIndex ?? 0));
    expect(byPlace.map((job) => job.name)).toEqual(['sweep 1', 'mine', 'sweep 3']);
    const inputs = await engine.reader.inputs(byPlace.map((job) => job.id));
    expect(inputs.map((input) => [input?.data, input?.params])).toEqual([
      [{ large: true }, { a: 1, b: 2 }],
      [[7], { a: 1, b: 3, c: 4 }],
      [{ large: true }, 5],
    ]);
    expect(
      await engine.database.query(`select 1 from job_input where data::text like '%large%'`),
    ).toHaveLength(1);
    // The worker is told the same, in the protocol's own words.
    const claimed = (await claimAll(engine, 3)).find((one) => one.jobName === 'mine');
    expect(claimed).toMatchObject({
      data: { by: 'value', json: '[7]' },
      params: { by: 'value', json: '{"a":1,"b":2}' },
      items: [{ index: 0, params: { by: 'value', json: '{"b":3,"c":4}' } }],
    });
  });

  it('opens the secrets of a shared command for every job', async () => {
    const command = {
      command: 'echo',
      startScript: null,
      workingDirectory: null,
      environment: [{ name: 'KEY', value: 'hidden', secret: true }],
      codeArtifactId: null,
      codeFileName: null,
    };
    await submit(engine, [{ ...plain, params: '{"n":1}' }, plain], { serviceVersionId: null, command });
    const claimed = await claimAll(engine, 2);
    expect(claimed).toHaveLength(2);
    for (const { code } of claimed) expect(JSON.stringify(code)).toContain('hidden');
  });

  it('is all or nothing, and tells every problem by its path', async () => {
    const version = aVersion(engine.organizationId, {
      paramsSchema: { type: 'object', required: ['seed'], properties: { seed: { type: 'integer' } } },
    });
    await engine.ports.transact((tx) => tx.references.keepServiceVersion(version));
    const list = jobs(1_200).map((job, at) => ({
      ...job,
      params: at === 3 || at === 1_100 ? '{"seed":"x"}' : '{"seed":1}',
    }));
    const shared = { serviceVersionId: version.id, idempotencyKey: 'once' };
    expect(refusals(await submit(engine, list, shared))).toEqual([
      'INPUT_SCHEMA_VIOLATION input.jobs.3.params.seed',
      'INPUT_SCHEMA_VIOLATION input.jobs.1100.params.seed',
    ]);
    const wrong = list.map((job, at) => ({ ...job, name: at === 5 ? ' ' : null }));
    expect(refusals(await submit(engine, wrong, { ...shared, priority: 1_000 }))).toEqual([
      'BAD_USER_INPUT input.priority',
      'BAD_USER_INPUT input.jobs.5.name',
    ]);
    expect(
      refusals(
        await submit(
          engine,
          jobs(300).map((job) => ({ ...job, name: '' })),
        ),
      ),
    ).toHaveLength(100);
    expect(refusals(await submit(engine, []))).toEqual(['BAD_USER_INPUT input.jobs']);
    expect(refusals(await submit(engine, jobs(10_001)))).toEqual(['BAD_USER_INPUT input.jobs']);
    for (const table of ['job', 'batch', 'job_input', 'outbox', 'submission_key'])
      expect(await engine.database.query(`select 1 from ${table}`)).toEqual([]);
  });

  it('is idempotent by key, also for two at once', async () => {
    const both = await Promise.all([1, 2].map(() => submit(engine, jobs(3), { idempotencyKey: 'k' })));
    expect(new Set(both.map((one) => valueOf(one).batchId)).size).toBe(1);
    expect(await engine.database.query('select 1 from job')).toHaveLength(3);
    expect(refusals(await submit(engine, jobs(4), { idempotencyKey: 'k' }))).toEqual([
      'IDEMPOTENCY_CONFLICT input.idempotencyKey',
    ]);
  });

  it('accepts 10 000 jobs, each with its event and its message', async () => {
    const woken: string[] = [];
    const ports = {
      ...engine.ports,
      signals: { ...engine.ports.signals, claimable: (targetId: string) => void woken.push(targetId) },
    };
    const list = jobs(10_000).map((job, at) => ({ ...job, params: `{"n":${at}}` }));
    const { batchId } = valueOf(
      await submitBatch(ports, schemas, engine.user.id, 'c', { shared: engine.submission(), jobs: list }),
    );
    expect(woken).toEqual(['local-process']);
    const [rows] = await engine.database.query<Record<string, number>>(
      `select (select count(*) from job) as jobs, (select count(*) from job_item) as items,
        (select count(*) from job_event) as events, (select count(*) from outbox) as news,
        (select count(*) from queue_entry where ready) as queued`,
    );
    expect(rows).toEqual({ jobs: 10_000, items: 10_000, events: 10_000, news: 10_000, queued: 10_000 });
    expect(await batch(engine, batchId)).toMatchObject({
      jobsTotal: 10_000,
      counts: { PENDING: 10_000 },
      seq: 1,
    });
    const [news] = await engine.database.query<{ body: string }>('select body from outbox limit 1');
    expect(news?.body).toContain(`"batchId":"${batchId}"`);
  });
});

it('a batch is seen by members, changed by maintainers', async () => {
  const reader = createBatchReader(engine.database);
  const id = await accepted(engine, 1);
  const viewer = { ...aUser(), organizations: [{ id: engine.organizationId, role: 'VIEWER' as const }] };
  expect(await batch(engine, id, viewer)).toMatchObject({ name: 'sweep' });
  expect(await reader.byIds(aUser(), [id, 'nothing'])).toEqual([undefined, undefined]);
  for (const [actor, code] of [
    [viewer, 'FORBIDDEN input.id'],
    [aUser(), 'NOT_FOUND input.id'],
  ] as const) {
    expect(refusals(await cancelBatch(engine.ports, actor, id))).toEqual([code]);
    expect(
      refusals(await retryBatch(engine.ports, actor, 'c', { batchId: id, items: 'FAILED', from: 0 })),
    ).toEqual([code]);
  }
  const other = await accepted(engine, 1, { name: 'other' });
  const page = { first: 1, after: undefined };
  const latest = await reader.list(viewer, { workflows: false }, page);
  expect([latest.rows.map((row) => row.id), latest.hasNextPage]).toEqual([[other], true]);
  const named = await reader.list(viewer, { workflows: false, name: 'sweep' }, page);
  expect([named.rows.map((row) => row.id), named.hasNextPage]).toEqual([[id], false]);
  expect((await reader.list(aUser(), { workflows: false }, page)).rows).toEqual([]);
});
