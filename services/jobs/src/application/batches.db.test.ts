import { randomUUID } from 'node:crypto';
import type { ClaimedAttempt } from '@weft/contracts';
import { userError, type Outcome } from '@weft/errors';
import { aUser, eventually } from '@weft/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { endedAtOf, stateOfBatch, type Batch } from '../domain/batch.js';
import type { BatchJob } from '../domain/batch-submission.js';
import { createSchemaChecker } from '../domain/schema-check.js';
import type { Submission } from '../domain/submission.js';
import { inTime } from '../in-time.js';
import { createBatchReader } from '../persistence/batch-reader.js';
import { aTarget, aVersion, failed, startEngine, succeeded, type Engine } from '../testing/engine.js';
import type { BatchReader } from './batch-ports.js';
import { cancelBatch } from './cancel-batch.js';
import { cancelJobs } from './cancel-jobs.js';
import { keepBatches } from './keep-batches.js';
import { retryBatch } from './retry-batch.js';
import { retryJob } from './retry-job.js';
import { submitBatch } from './submit-batch.js';

let engine: Engine;
let reader: BatchReader;
beforeEach(async () => {
  engine = await startEngine();
  reader = createBatchReader(engine.database);
  const { limits } = aTarget();
  await engine.ports.transact((tx) =>
    tx.references.keepTarget(aTarget({ seq: 2, limits: { ...limits, concurrentAttempts: 1_000 } })),
  );
});

const plain: BatchJob = { name: null, data: null, params: null };
const jobs = (count: number): BatchJob[] => Array.from({ length: count }, () => plain);
const schemas = createSchemaChecker(inTime);
const submit = (list: readonly BatchJob[], shared: Partial<Submission> = {}) =>
  submitBatch(engine.ports, schemas, engine.user.id, 'correlation-b', {
    shared: engine.submission({ name: 'sweep', ...shared }),
    jobs: list,
  });
const valueOf = <T>(outcome: Outcome<T>): T => {
  if (!outcome.ok) throw new Error(outcome.errors.map(({ code, message }) => `${code} ${message}`).join());
  return outcome.value;
};
const refusals = (outcome: Outcome<unknown>): string[] =>
  outcome.ok ? [] : outcome.errors.map(({ code, path }) => `${code} ${path.join('.')}`);
const accepted = async (count: number, shared?: Partial<Submission>): Promise<string> =>
  valueOf(await submit(jobs(count), shared)).batchId;
const batch = async (id: string, actor = engine.user): Promise<Batch> => {
  const [found] = await reader.byIds(actor, [id]);
  if (found === undefined) throw new Error('no batch');
  return found;
};
/** What the jobs themselves say: the latest of each place. */
const counted = async (id: string): Promise<Record<string, number>> => {
  const rows = await engine.database.query<{ state: string; n: number }>(
    `select state, count(*) as n from
      (select distinct on (batch_index) state from job where batch_id = $1 order by batch_index, submitted_at desc, id desc) last
      group by state`,
    [id],
  );
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
};
const nonZero = ({ counts }: Batch) => Object.fromEntries(Object.entries(counts).filter(([, n]) => n !== 0));
const agrees = async (id: string): Promise<Batch> => {
  const before = await batch(id);
  expect(nonZero(before)).toEqual(await counted(id));
  await keepBatches(engine.ports);
  // Folding changes nothing that is seen.
  expect(await batch(id)).toEqual(before);
  expect(await engine.database.query('select 1 from batch_step')).toEqual([]);
  return before;
};
const claimAll = async (most: number): Promise<ClaimedAttempt[]> => {
  const all: ClaimedAttempt[] = [];
  for (;;) {
    const some = await engine.claim({ capacity: Math.min(10, most - all.length) });
    all.push(...some);
    if (some.length === 0 || all.length >= most) return all;
  }
};

describe('submitting', () => {
  it('keeps what is shared once, and gives each job its own laid over it', async () => {
    const list = [plain, { name: 'mine', data: '[7]', params: '{"b":3,"c":4}' }, { ...plain, params: '5' }];
    const { batchId } = valueOf(await submit(list, { data: '{"large":true}', params: '{"a":1,"b":2}' }));
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
    const claimed = (await claimAll(3)).find((one) => one.jobName === 'mine');
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
    await submit([{ ...plain, params: '{"n":1}' }, plain], { serviceVersionId: null, command });
    const claimed = await claimAll(2);
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
    expect(refusals(await submit(list, shared))).toEqual([
      'INPUT_SCHEMA_VIOLATION input.jobs.3.params.seed',
      'INPUT_SCHEMA_VIOLATION input.jobs.1100.params.seed',
    ]);
    const wrong = list.map((job, at) => ({ ...job, name: at === 5 ? ' ' : null }));
    expect(refusals(await submit(wrong, { ...shared, priority: 1_000 }))).toEqual([
      'BAD_USER_INPUT input.priority',
      'BAD_USER_INPUT input.jobs.5.name',
    ]);
    expect(refusals(await submit(jobs(300).map((job) => ({ ...job, name: '' }))))).toHaveLength(100);
    expect(refusals(await submit([]))).toEqual(['BAD_USER_INPUT input.jobs']);
    expect(refusals(await submit(jobs(10_001)))).toEqual(['BAD_USER_INPUT input.jobs']);
    for (const table of ['job', 'batch', 'job_input', 'outbox', 'submission_key'])
      expect(await engine.database.query(`select 1 from ${table}`)).toEqual([]);
  });

  it('is idempotent by key, also for two at once', async () => {
    const both = await Promise.all([1, 2].map(() => submit(jobs(3), { idempotencyKey: 'k' })));
    expect(new Set(both.map((one) => valueOf(one).batchId)).size).toBe(1);
    expect(await engine.database.query('select 1 from job')).toHaveLength(3);
    expect(refusals(await submit(jobs(4), { idempotencyKey: 'k' }))).toEqual([
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
    expect(await batch(batchId)).toMatchObject({ jobsTotal: 10_000, counts: { PENDING: 10_000 }, seq: 1 });
    const [news] = await engine.database.query<{ body: { payload: { batchId: string } } }>(
      'select body from outbox limit 1',
    );
    expect(JSON.stringify(news)).toContain(`"batchId":"${batchId}"`);
  });
});

describe('the life of a batch', () => {
  it('is counted through every transition, folded or not', async () => {
    const id = await accepted(6);
    expect(stateOfBatch(await agrees(id))).toBe('PENDING');
    const [first, second, third] = await claimAll(3);
    expect(stateOfBatch(await agrees(id))).toBe('IN_PROGRESS');
    await engine.report(first as ClaimedAttempt, 'FINISHED', [succeeded(0)]);
    await engine.report(second as ClaimedAttempt, 'FINISHED', [failed(0)]);
    const running = await batch(id);
    expect(endedAtOf(running)).toBeNull();
    expect(running.startedAt).not.toBeNull();
    await engine.report(third as ClaimedAttempt, 'FINISHED', [failed(0)]);
    for (const one of await claimAll(3)) await engine.report(one, 'FINISHED', [succeeded(0)]);
    const ended = await agrees(id);
    expect(stateOfBatch(ended)).toBe('FAILED');
    const [last] = await engine.database.query<{ at: Date }>('select max(ended_at) as at from job');
    expect(endedAtOf(ended)).toEqual(last?.at);
  });

  it('a retry gives successors to the failed, which take their places', async () => {
    const id = await accepted(4);
    const attempts = await claimAll(4);
    for (const [at, one] of attempts.entries())
      await engine.report(one, 'FINISHED', [at < 2 ? failed(0) : succeeded(0)]);
    expect(valueOf(await retryBatch(engine.ports, engine.user, 'c-2', id, 'FAILED'))).toEqual({
      batchId: id,
      jobs: 2,
    });
    const open = await agrees(id);
    expect(nonZero(open)).toEqual({ PENDING: 2, SUCCEEDED: 2 });
    expect(endedAtOf(open)).toBeNull();
    expect(await engine.database.query('select 1 from job where batch_id = $1', [id])).toHaveLength(6);
    // The same job once more: the later retry has the last word, what becomes of the earlier one counts no more.
    const again = valueOf(
      await retryJob(engine.ports, engine.user, 'c-3', (attempts[0] as ClaimedAttempt).jobId, 'FAILED'),
    );
    expect(nonZero(await agrees(id))).toEqual({ PENDING: 2, SUCCEEDED: 2 });
    for (const one of await claimAll(3))
      await engine.report(one, 'FINISHED', [one.jobId === again.jobId ? failed(0) : succeeded(0)]);
    expect(nonZero(await agrees(id))).toEqual({ SUCCEEDED: 3, FAILED: 1 });
    await retryBatch(engine.ports, engine.user, 'c-4', id, 'FAILED');
    for (const one of await claimAll(1)) await engine.report(one, 'FINISHED', [succeeded(0)]);
    expect(stateOfBatch(await agrees(id))).toBe('SUCCEEDED');
    expect(refusals(await retryBatch(engine.ports, engine.user, 'c-5', id, 'FAILED'))).toEqual([
      'JOB_NOTHING_TO_RETRY input.id',
    ]);
  });

  it('keeps to its times, and wakes nobody before', async () => {
    const now = Date.now();
    const past = { deadline: new Date(now - 1_000) };
    expect(refusals(await submit(jobs(2), past))).toEqual(['BAD_USER_INPUT input.deadline']);
    const due: Date[] = [];
    const signals = { ...engine.ports.signals, due: (at: Date) => void due.push(at) };
    const startAt = new Date(now + 60_000);
    valueOf(
      await submitBatch({ ...engine.ports, signals }, schemas, engine.user.id, 'c', {
        shared: engine.submission({ startAt }),
        jobs: jobs(2),
      }),
    );
    expect(due).toEqual([startAt]);
    expect(await engine.claim()).toEqual([]);
  });

  it('is not retried beyond what the organization may have waiting', async () => {
    const id = await accepted(1);
    const [attempt] = (await claimAll(1)) as [ClaimedAttempt];
    await engine.report(attempt, 'FINISHED', [failed(0)]);
    const full = userError('QUEUE_FULL', 'Full.', 'input', 'organizationId');
    const ports = {
      ...engine.ports,
      queueCap: { ...engine.ports.queueCap, admit: () => Promise.resolve(full) },
    };
    expect(refusals(await retryBatch(ports, engine.user, 'c', id, 'FAILED'))).toEqual([
      'QUEUE_FULL input.organizationId',
    ]);
    expect(nonZero(await batch(id))).toEqual({ FAILED: 1 });
  });

  it('two retries of one job at the same moment leave one last word', async () => {
    const id = await accepted(1);
    const [attempt] = (await claimAll(1)) as [ClaimedAttempt];
    await engine.report(attempt, 'FINISHED', [failed(0)]);
    await Promise.all([1, 2, 3].map(() => retryJob(engine.ports, engine.user, 'c', attempt.jobId, 'FAILED')));
    expect(nonZero(await batch(id))).toEqual({ PENDING: 1 });
    expect(await engine.database.query('select 1 from job where batch_last')).toHaveLength(1);
  });

  it('cancelled while claims run, every job ends and the counts agree', async () => {
    const id = await accepted(450);
    const claiming = (async () => {
      const all: ClaimedAttempt[] = [];
      for (let round = 0; round < 15; round++) all.push(...(await engine.claim({ capacity: 5 })));
      return all;
    })();
    // Two replicas at once: they share the work.
    const [one, two] = await Promise.all([
      cancelBatch(engine.ports, engine.user, id),
      cancelBatch(engine.ports, engine.user, id),
    ]);
    const claimed = await claiming;
    expect(valueOf(one).jobs + valueOf(two).jobs).toBe(450);
    const asked = await batch(id);
    expect(asked.cancelling).toBe(false);
    expect(asked.counts.PENDING + asked.counts.DEQUEUED + asked.counts.IN_PROGRESS).toBe(0);
    for (const attempt of claimed)
      await engine.report(attempt, 'FINISHED', [{ ...succeeded(0), outcome: 'CANCELLED' as const }]);
    expect(stateOfBatch(await agrees(id))).toBe('CANCELLED');
    expect(refusals(await cancelBatch(engine.ports, engine.user, id))).toEqual([
      'JOB_ALREADY_FINAL input.id',
    ]);
  });

  it('a cancellation that takes long is answered before it is done, and goes on', async () => {
    const id = await accepted(3);
    const letGo = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const holder = engine.ports.transact(async (tx) => {
      const [first] = await tx.batches.cancellable(
        engine.organizationId,
        { batchId: id },
        { most: 1, after: undefined },
      );
      await tx.jobs.lock(first!.id);
      held.resolve();
      await letGo.promise;
    });
    await held.promise;
    const answer = await cancelBatch(engine.ports, engine.user, id, 'batch', 100);
    expect(valueOf(answer).jobs).toBe(3);
    expect(stateOfBatch(await batch(id))).toBe('CANCELLING');
    letGo.resolve();
    await holder;
    await eventually('the rest is cancelled', async () => stateOfBatch(await batch(id)) === 'CANCELLED');
  });

  it('a cancellation whose process died goes on', async () => {
    const id = await accepted(3);
    await engine.ports.transact((tx) => tx.batches.askToCancel(id, engine.user.id));
    expect(stateOfBatch(await batch(id))).toBe('CANCELLING');
    expect(refusals(await retryBatch(engine.ports, engine.user, 'c', id, 'FAILED'))).toEqual([
      'CONFLICT input.id',
    ]);
    // The request may still be on its way: it is given some time.
    await keepBatches(engine.ports);
    expect(stateOfBatch(await batch(id))).toBe('CANCELLING');
    await engine.database.query(`update batch set cancel_requested_at = now() - interval '6 seconds'`);
    await keepBatches(engine.ports);
    expect(stateOfBatch(await batch(id))).toBe('CANCELLED');
  });
});

it('jobs are cancelled by filter, and only counted in a dry run', async () => {
  const first = await accepted(5, { targetId: 'local-process' });
  await accepted(3, { priority: 1 });
  const filter = { batchId: first };
  expect(valueOf(await cancelJobs(engine.ports, engine.user, filter, true))).toEqual({
    jobs: 5,
    more: false,
  });
  expect(nonZero(await batch(first))).toEqual({ PENDING: 5 });
  expect(valueOf(await cancelJobs(engine.ports, engine.user, filter, false)).jobs).toBe(5);
  expect(valueOf(await cancelJobs(engine.ports, engine.user, filter, false)).jobs).toBe(0);
  for (const none of [{ batchId: 'x' }, { targetId: 'a\0b' }, { states: ['SUCCEEDED' as const] }])
    expect(valueOf(await cancelJobs(engine.ports, engine.user, none, false)).jobs).toBe(0);
  // A condition that would be passed over would cancel what nobody meant.
  const past = new Date(0);
  const nobody = { kinds: ['COMMAND' as const], createdBy: 'another', tags: ['none'], text: 'no such word', submittedBefore: past, startedAfter: past, endedAfter: past, serviceId: 'x', serviceVersionId: 'x', definitionId: randomUUID() }; // prettier-ignore
  for (const [name, value] of Object.entries(nobody))
    expect([name, valueOf(await cancelJobs(engine.ports, engine.user, { [name]: value }, true)).jobs]).toEqual([name, 0]); // prettier-ignore
  expect(refusals(await cancelJobs(engine.ports, { ...engine.user, organizations: [] }, {}, false))).toEqual([
    'FORBIDDEN input.filter.organizationId',
  ]);
  // A stranger's "all of mine" is none of these.
  expect(valueOf(await cancelJobs(engine.ports, aUser(), {}, false)).jobs).toBe(0);
  expect(valueOf(await cancelJobs(engine.ports, engine.user, {}, false)).jobs).toBe(3);
});

it('a batch is seen by members, changed by maintainers', async () => {
  const id = await accepted(1);
  const viewer = { ...aUser(), organizations: [{ id: engine.organizationId, role: 'VIEWER' as const }] };
  expect(await batch(id, viewer)).toMatchObject({ name: 'sweep' });
  expect(await reader.byIds(aUser(), [id, 'nothing'])).toEqual([undefined, undefined]);
  for (const [actor, code] of [
    [viewer, 'FORBIDDEN input.id'],
    [aUser(), 'NOT_FOUND input.id'],
  ] as const) {
    expect(refusals(await cancelBatch(engine.ports, actor, id))).toEqual([code]);
    expect(refusals(await retryBatch(engine.ports, actor, 'c', id, 'FAILED'))).toEqual([code]);
  }
  const other = await accepted(1, { name: 'other' });
  const page = { first: 1, after: undefined };
  const latest = await reader.list(viewer, { workflows: false }, page);
  expect([latest.rows.map((row) => row.id), latest.hasNextPage]).toEqual([[other], true]);
  const named = await reader.list(viewer, { workflows: false, name: 'sweep' }, page);
  expect([named.rows.map((row) => row.id), named.hasNextPage]).toEqual([[id], false]);
  expect((await reader.list(aUser(), { workflows: false }, page)).rows).toEqual([]);
});

it('a request to cancel by filter stops in time, and says that there is more', async () => {
  await Promise.all(Array.from({ length: 205 }, () => engine.submit()));
  const again = () => cancelJobs(engine.ports, engine.user, {}, false, 0);
  expect(valueOf(await again())).toEqual({ jobs: 200, more: true });
  expect(valueOf(await again()).jobs).toBe(5);
  expect(valueOf(await again())).toEqual({ jobs: 0, more: false });
});
