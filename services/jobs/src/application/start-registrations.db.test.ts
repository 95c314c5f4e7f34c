import { randomUUID } from 'node:crypto';
import { jobChanged, REGISTRY_TARGET, type RegistryBatchRequested, type RegistryJob } from '@weft/contracts';
import { aUser, twiceAndShuffled } from '@weft/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { createBatchReader } from '../persistence/batch-reader.js';
import { createJobList } from '../persistence/job-list.js';
import { forgetOldRecords } from '../persistence/forget-old-records.js';
import { createQueueReader } from '../persistence/queue-reader.js';
import { createRecordReader } from '../persistence/record-reader.js';
import { disagreements, newsOf } from '../testing/engine-tables.js';
import { failed, startEngine, succeeded, type Engine } from '../testing/engine.js';
import {
  aBatch,
  aRegistration,
  askerOf,
  aWorkflow,
  claimRegistrations,
  endRegistration,
} from '../testing/registrations.js';
import { checks } from '../testing/checks.js';
import { groupOf, jobsOf, keep } from '../testing/workflows.js';
import { cancelBatch } from './cancel-batch.js';
import { cancelJobs } from './cancel-jobs.js';
import { dismissDeadLetters } from './dead-letters.js';
import { expireLeases } from './expire-leases.js';
import type { JobFilter, JobOrder } from './job-list.js';
import { deleteJob } from './keep-record.js';
import { rerunJob } from './rerun-job.js';
import { retryBatch } from './retry-batch.js';
import { retryJob } from './retry-job.js';
import { startRegistrations, type StartRegistrations } from './start-registrations.js';
import { submitJob } from './submit-job.js';

let engine: Engine;
let start: StartRegistrations;
beforeEach(async () => {
  engine = await startEngine();
  start = startRegistrations(engine.ports);
});

const askForWorkflow = async () => {
  const asked = aWorkflow(askerOf(engine));
  await start.workflow(asked, 'correlation-1');
  return asked;
};
const askForBatch = async (...names: string[]) => {
  const [part] = aBatch(askerOf(engine), names) as [RegistryBatchRequested];
  await start.batchPart(part, 'correlation-1');
  return part;
};
const found = async (filter: JobFilter = {}, order: JobOrder = 'NEWEST'): Promise<string[]> =>
  (await engine.reader.jobs(engine.user, filter, { first: 50, after: undefined }, order)).rows
    .map(({ name }) => name)
    .sort();
const counted = async (table: string): Promise<number> =>
  (await engine.database.query<{ n: number }>(`select count(*)::int as n from ${table}`))[0]?.n ?? 0;

describe('a step that needs the value of a result', () => {
  const VALUE = '{ "a" : 1.0, "b": {"$from": "nowhere"} }';
  const made = async (): Promise<string> => {
    const id = await engine.submit();
    const [attempt] = await engine.claim();
    if (attempt === undefined) throw new Error('nothing to claim');
    await engine.report(attempt, 'FINISHED', [{ ...succeeded(0), result: VALUE }]);
    return id;
  };
  const asked = async (resultOf: RegistryJob['resultOf'], organizationId = engine.organizationId) => {
    const { steps, ...workflow } = aWorkflow({ ...askerOf(engine), organizationId });
    const store = { ...aRegistration('store', { operation: 'STORE_RESULT', params: {} }), key: 'store', needs: [], resultOf }; // prettier-ignore
    await start.workflow({ ...workflow, steps: [...steps, store] }, 'correlation-1');
    return (await claimRegistrations(engine)).find(({ jobName }) => jobName === 'store')?.data;
  };

  it('is given it as it was, to the byte, whatever becomes of the job afterwards', async () => {
    const jobId = await made();
    const data = asked({ jobId, itemIndex: 0 });
    expect(await data).toEqual({ by: 'value', json: VALUE });
    expect((await deleteJob(engine.ports, engine.user, jobId)).ok).toBe(true);
    expect(await engine.database.query(`select data::text as data from job_input where data is not null`)).toEqual([{ data: VALUE }]); // prettier-ignore
    // Told again, and the job is gone: there is nothing to give any more.
    expect(await asked({ jobId, itemIndex: 0 })).toEqual({ by: 'none' });
  });

  it("is given nothing of another's job, of none, or of an item that there is not", async () => {
    const jobId = await made();
    expect(await asked({ jobId, itemIndex: 0 }, aUser().personalOrganizationId)).toEqual({ by: 'none' });
    expect(await asked({ jobId, itemIndex: 1 })).toEqual({ by: 'none' });
    expect(await asked({ jobId: randomUUID(), itemIndex: 0 })).toEqual({ by: 'none' });
  });

  it('goes on by itself when another step fails', async () => {
    const { workflowId } = await askForWorkflow();
    const [row] = await engine.database.query<{ policy: string }>('select on_failure as policy from batch where id = $1', [workflowId]); // prettier-ignore
    expect(row?.policy).toBe('CONTINUE');
  });
});

describe('a workflow that the registry asks for', () => {
  it('has the ids that it chose, runs step by step, and is told with what it does', async () => {
    const { workflowId, steps } = await askForWorkflow();
    const ids = steps.map((step) => step.jobId);
    const { register, lodge } = await jobsOf(engine, workflowId);
    expect([register?.id, lodge?.id]).toEqual(ids);
    expect(register).toMatchObject({
      kind: 'REGISTRATION',
      operation: 'REGISTER_CREATE_ACTIVITY',
      createdBy: engine.user.id,
      organizationId: engine.organizationId,
      targetId: REGISTRY_TARGET,
      state: 'PENDING',
      reason: 'QUEUED',
      maxAttempts: 10,
      correlationId: 'correlation-1',
    });
    expect(lodge).toMatchObject({ reason: 'WAITING_FOR_JOBS', operation: 'LODGE_CREATE_ACTIVITY' });

    const [first, ...none] = await claimRegistrations(engine);
    expect(none).toEqual([]);
    expect(first).toMatchObject({
      jobId: ids[0],
      createdBy: engine.user.id,
      kind: 'REGISTRATION',
      code: { operation: 'REGISTER_CREATE_ACTIVITY' },
      params: { by: 'value', json: '{"itemId":"item-1"}' },
    });
    await endRegistration(engine, first!, succeeded(0, { activityId: 'activity-1' }));
    await keep(engine);
    const [second] = await claimRegistrations(engine);
    expect(second).toMatchObject({
      jobId: ids[1],
      code: { operation: 'LODGE_CREATE_ACTIVITY' },
      params: { by: 'value', json: '{"activityId":"activity-1"}' },
    });
    await endRegistration(engine, second!, succeeded(0));
    expect((await groupOf(engine, workflowId)).counts.SUCCEEDED).toBe(2);
    expect(await disagreements(engine)).toEqual([]);
    const told = await newsOf(engine, ids[0]!);
    expect(told.map((one) => jobChanged.schema.parse(one).operation)).toEqual(
      told.map(() => 'REGISTER_CREATE_ACTIVITY'),
    );
    const [submitted] = told[0]!.transitions;
    expect(submitted).toMatchObject({ cause: 'SUBMITTED', actor: { kind: 'system', id: 'registry' } });
  });

  it('fails where its params refer to nothing that makes sense, instead of waiting for ever', async () => {
    const asked = aWorkflow(askerOf(engine));
    const [register, lodge] = asked.steps as [(typeof asked.steps)[0], (typeof asked.steps)[0]];
    const odd = { ...lodge, params: { note: { $from: 'register', color: 'red' } } };
    await start.workflow({ ...asked, steps: [register, odd] }, 'c');
    await endRegistration(engine, (await claimRegistrations(engine))[0]!, succeeded(0));
    await keep(engine);
    const { lodge: job } = await jobsOf(engine, asked.workflowId);
    expect(job?.state).toBe('FAILED');
    expect(engine.stuck).toEqual([]);
  });
});

it('what is asked for often and in any order, by several at once, is there once', async () => {
  const workflows = [aWorkflow(askerOf(engine)), aWorkflow(askerOf(engine))];
  const parts = aBatch(askerOf(engine), ['a', 'b'], ['c'], ['d', 'e', 'f']);
  const other = startRegistrations(engine.replica().ports);
  const asking = [
    ...workflows.map((one) => (by: StartRegistrations) => by.workflow(one, 'c')),
    ...parts.map((one) => (by: StartRegistrations) => by.batchPart(one, 'c')),
  ];
  const told = twiceAndShuffled(asking, 7);
  await Promise.all(told.map((ask, at) => ask(at % 2 === 0 ? start : other)));
  // And once more when all is there: nothing of it stays behind.
  await Promise.all(asking.map((ask) => ask(start)));
  expect(await counted('job')).toBe(2 * 2 + 6);
  expect(await counted('batch')).toBe(3);
  expect(await counted('registry_batch_part')).toBe(0);
  const rows = await engine.database.query<{ name: string; id: string }>(
    `select name, id from job where batch_id = $1 order by batch_index`,
    [parts[0]!.batchId],
  );
  expect(rows).toEqual(parts.flatMap((part) => part.jobs).map(({ name, jobId: id }) => ({ name, id })));
  expect(await disagreements(engine)).toEqual([]);
});

it('a batch is not there before its last part, and then all of it is', async () => {
  const [one, two] = aBatch(askerOf(engine), ['a'], ['b']) as [
    RegistryBatchRequested,
    RegistryBatchRequested,
  ];
  await start.batchPart(two, 'c');
  await start.batchPart(two, 'c');
  expect([await counted('job'), await counted('batch')]).toEqual([0, 0]);
  await start.batchPart(one, 'c');
  expect((await groupOf(engine, one.batchId)).counts.PENDING).toBe(2);
});

it('parts of a batch of which the others never come are forgotten, once the last of them is old', async () => {
  const [lone] = aBatch(askerOf(engine), ['a'], ['b']);
  const [first, second, third] = aBatch(askerOf(engine), ['a'], ['b'], ['c']);
  for (const part of [lone, first, second]) await start.batchPart(part!, 'c');
  const age = (part: RegistryBatchRequested | undefined, days: number) =>
    engine.database.query(
      `update registry_batch_part set at = now() - make_interval(days => $3) where batch_id = $1 and index = $2`,
      [part!.batchId, part!.part.index, days],
    );
  await age(lone, 15);
  await age(first, 15);
  await age(second, 13);
  await forgetOldRecords(engine.database);
  expect(await counted('registry_batch_part')).toBe(2);
  await start.batchPart(third!, 'c');
  expect((await groupOf(engine, third!.batchId)).counts.PENDING).toBe(3);
  expect(await counted('registry_batch_part')).toBe(0);
});

it('is in no list unless asked for, and found by its id', async () => {
  await engine.submit({ name: 'mine' });
  const [mine] = await engine.claim();
  await engine.report(mine!, 'FINISHED', [failed(0, 'SERVICE_EXCEPTION', false)]);
  await engine.submit({ name: 'open' });
  const { workflowId } = await askForWorkflow();
  const batch = await askForBatch('good', 'bad', 'waits');
  for (const one of await claimRegistrations(engine)) {
    if (one.jobName === 'good') await endRegistration(engine, one, succeeded(0));
    if (one.jobName === 'bad') await endRegistration(engine, one, failed(0, 'BAD_USER_INPUT', false));
  }
  const kinds = ['REGISTRATION'] as const;
  const both = ['MANAGED_SERVICE', 'COMMAND', 'REGISTRATION'] as const;
  expect(await found()).toEqual(['mine', 'open']);
  expect(await found({ kinds })).toEqual(['bad', 'good', 'lodge', 'register', 'waits']);
  expect(await found({ kinds: both })).toEqual(['bad', 'good', 'lodge', 'mine', 'open', 'register', 'waits']);
  expect(await found({ kinds: ['COMMAND'] })).toEqual([]);
  for (const order of ['LAST_ENDED', 'NEWEST'] as const) {
    expect(await found({ states: ['FAILED'] }, order)).toEqual(['mine']);
    expect(await found({ states: ['FAILED'], kinds }, order)).toEqual(['bad']);
    expect(await found({ states: ['FAILED'], kinds: both }, order)).toEqual(['bad', 'mine']);
  }
  expect(await found({}, 'LAST_ENDED')).toEqual(['mine']);
  expect(await found({ kinds }, 'LAST_ENDED')).toEqual(['bad', 'good']);
  expect(await found({ states: ['PENDING'] })).toEqual(['open']);
  expect(await found({ states: ['PENDING'], kinds })).toEqual(['lodge']);
  expect(await found({ states: ['IN_PROGRESS'] })).toEqual([]);
  expect(await found({ states: ['IN_PROGRESS'], kinds })).toEqual(['register', 'waits']);
  expect(await found({ dead: true }, 'LAST_ENDED')).toEqual(['mine']);
  expect(await found({ dead: true, kinds }, 'LAST_ENDED')).toEqual(['bad']);
  // Whoever names the batch has asked for it.
  expect(await found({ batchId: batch.batchId })).toEqual(['bad', 'good', 'waits']);
  expect(await found({ batchId: batch.batchId, kinds: ['COMMAND'] })).toEqual([]);
  expect(await found({ batchId: batch.batchId }, 'LAST_ENDED')).toEqual(['bad', 'good']);
  expect(await found({ batchId: workflowId })).toEqual(['lodge', 'register']);

  const counts = async (filter: JobFilter) =>
    (await engine.reader.counts(engine.user, filter, 'KIND')).groups;
  expect(await counts({})).toEqual([{ key: 'MANAGED_SERVICE', count: 2 }]);
  expect(await counts({ kinds: both })).toEqual([
    { key: 'REGISTRATION', count: 5 },
    { key: 'MANAGED_SERVICE', count: 2 },
  ]);
  expect((await engine.reader.durations(engine.user, {})).run?.jobs).toBe(1);
  expect((await engine.reader.durations(engine.user, { kinds })).run?.jobs).toBe(2);

  const groups = createBatchReader(engine.database);
  const page = { first: 5, after: undefined };
  for (const workflows of [true, false]) {
    expect((await groups.list(engine.user, { workflows }, page)).rows).toEqual([]);
    const { rows } = await groups.list(engine.user, { workflows, hidden: true }, page);
    expect(rows.map((one) => one.id)).toEqual([workflows ? workflowId : batch.batchId]);
  }
  const ids = [workflowId, batch.batchId];
  expect((await groups.byIds(engine.user, ids)).map((one) => one?.id)).toEqual(ids);
  expect(await groups.byIds(aUser(), ids)).toEqual([undefined, undefined]);
});

it('a page of other jobs passes over none of them, and the other way round', async () => {
  await engine.submit({ name: 'mine' });
  await askForBatch(...Array.from({ length: 1_200 }, (_, n) => `row ${n}`));
  await engine.database.query('analyze');
  const plans: string[] = [];
  const spied = Object.assign(Object.create(engine.database) as Engine['database'], {
    query: async (text: string, values: unknown[]) => {
      const rows = await engine.database.query<{ 'QUERY PLAN': string }>(
        `explain (analyze, buffers off, costs off, timing off, summary off) ${text}`,
        values,
      );
      plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
      return engine.database.query(text, values);
    },
  });
  const list = createJobList(spied);
  const page = { first: 5, after: undefined };
  for (const filter of [{}, { states: ['PENDING'] }, { kinds: ['REGISTRATION'] }] as JobFilter[])
    await list.page(engine.user, filter, 'NEWEST', page);
  expect(plans.length).toBeGreaterThanOrEqual(3);
  for (const plan of plans) expect(plan).not.toMatch(/Rows Removed by Filter: \d{3,}|Seq Scan on job /);
});

describe('limits', () => {
  it('of an organization do not hold it up, and do not count it', async () => {
    await engine.database.query(
      `insert into organization_limit (organization_id, concurrent_attempts, queued_jobs, set_by) values ($1, 1, 2, 'operator')`,
      [engine.organizationId],
    );
    await engine.submit();
    expect(await engine.claim()).toHaveLength(1);
    const { jobs } = await askForBatch('a', 'b', 'c', 'd', 'e');
    const reader = createQueueReader(engine.database, { concurrentAttempts: null, queuedJobs: 100 });
    expect(await reader.waiting(engine.organizationId)).toMatchObject({ waiting: 0 });
    const places = await reader.places(jobs.map((one) => one.jobId));
    expect(places.map((one) => one?.waitsFor)).toEqual(jobs.map(() => 'TURN'));
    expect(await claimRegistrations(engine)).toHaveLength(5);
    await engine.submit();
    await engine.submit();
    expect(await engine.claim()).toEqual([]);
    await engine.database.query(
      `update organization_limit set concurrent_attempts = 3 where organization_id = $1`,
      [engine.organizationId],
    );
    expect(await engine.claim()).toHaveLength(2);
  });
});

describe('people', () => {
  it('cannot submit one of their own', async () => {
    const submitted = await submitJob(
      engine.ports,
      checks.schemas,
      engine.user.id,
      'c',
      engine.submission({ targetId: REGISTRY_TARGET }),
    );
    expect(submitted).toMatchObject({ ok: false, errors: [{ code: 'TARGET_INCOMPATIBLE' }] });
  });

  it('retry what failed, and cannot run it again with other inputs', async () => {
    const { batchId, jobs } = await askForBatch('a', 'b');
    for (const one of await claimRegistrations(engine))
      await endRegistration(engine, one, failed(0, 'BAD_USER_INPUT', false));
    const [a] = jobs;
    const change = { jobId: a!.jobId, change: <T>(same: T): T => same, keepsWebhook: false };
    const rerun = await rerunJob(engine.ports, checks.schemas, engine.user, 'c', change);
    expect(rerun).toMatchObject({ ok: false, errors: [{ code: 'CONFLICT' }] });
    expect(await retryJob(engine.ports, aUser(), 'c', a!.jobId, 'FAILED')).toMatchObject({ ok: false });
    expect(await retryJob(engine.ports, engine.user, 'c', a!.jobId, 'FAILED')).toMatchObject({ ok: true });
    const again = await retryBatch(engine.ports, engine.user, 'c', { batchId, items: 'FAILED', from: 0 });
    expect(again).toMatchObject({ ok: true, value: { jobs: 1 } });
    const claimed = await claimRegistrations(engine);
    expect(claimed.map((one) => [one.kind, one.code])).toEqual(
      jobs.map(() => ['REGISTRATION', { operation: 'REGISTER_MODEL_RUN' }]),
    );
    expect(await disagreements(engine)).toEqual([]);
  });

  it('cancel it by name, and not with all that is theirs', async () => {
    const { batchId, jobs } = await askForBatch('a', 'b');
    await engine.submit({ name: 'mine' });
    expect(await cancelJobs(engine.ports, engine.user, {}, false)).toMatchObject({ value: { jobs: 1 } });
    expect((await groupOf(engine, batchId)).counts.PENDING).toBe(2);
    expect((await cancelBatch(engine.ports, engine.user, batchId)).ok).toBe(true);
    expect((await groupOf(engine, batchId)).counts.CANCELLED).toBe(2);
    expect(await claimRegistrations(engine)).toEqual([]);
    expect((await engine.job(jobs[0]!.jobId)).state).toBe('CANCELLED');
    const asked = await askForBatch('c');
    const filter = { kinds: ['REGISTRATION'] } as const;
    expect(await cancelJobs(engine.ports, engine.user, filter, false)).toMatchObject({ value: { jobs: 1 } });
    expect((await groupOf(engine, asked.batchId)).counts.CANCELLED).toBe(1);
  });

  it('put away and delete what failed', async () => {
    const { jobs } = await askForBatch('a', 'b');
    for (const one of await claimRegistrations(engine))
      await endRegistration(engine, one, failed(0, 'BAD_USER_INPUT', false));
    const [a, b] = jobs.map((one) => one.jobId) as [string, string];
    const choice = { choice: { ids: [a] }, dryRun: false };
    const dismissed = await dismissDeadLetters(
      engine.ports,
      engine.reader,
      { actor: engine.user, ...choice },
      'seen',
    );
    expect(dismissed).toMatchObject({ ok: true, value: { jobs: 1 } });
    expect((await deleteJob(engine.ports, engine.user, b)).ok).toBe(true);
    expect(await counted('dead_job')).toBe(0);
    expect(await counted('ended_job')).toBe(1);
    // What is left of it is in no list unless asked for, either.
    await engine.submit();
    const [mine] = await engine.claim();
    await engine.report(mine!, 'FINISHED', [succeeded(0)]);
    expect((await deleteJob(engine.ports, engine.user, mine!.jobId)).ok).toBe(true);
    const deleted = async (filter: Pick<JobFilter, 'kinds'>): Promise<string[]> => {
      const page = { first: 10, after: undefined };
      const { rows } = await createRecordReader(engine.database).deletedJobs(engine.user, filter, page);
      return rows.map(({ id }) => id);
    };
    expect(await deleted({})).toEqual([mine!.jobId]);
    expect(await deleted({ kinds: ['REGISTRATION'] })).toEqual([b]);
    expect(await deleted({ kinds: ['REGISTRATION', 'MANAGED_SERVICE'] })).toEqual([mine!.jobId, b]);
    expect(await deleted({ kinds: ['COMMAND'] })).toEqual([]);
  });
});

it('what its worker loses is tried again', async () => {
  const { workflowId } = await askForWorkflow();
  const [lost] = await claimRegistrations(engine);
  await engine.silence();
  await expireLeases(engine.ports, () => true);
  const [again] = await claimRegistrations(engine);
  expect(again).toMatchObject({ jobId: lost!.jobId, attempt: 2, idempotencyKey: lost!.idempotencyKey });
  expect(await endRegistration(engine, lost!, succeeded(0))).toMatchObject({ standing: 'refused' });
  expect((await endRegistration(engine, again!, succeeded(0))).standing).toBe('accepted');
  expect((await groupOf(engine, workflowId)).counts.SUCCEEDED).toBe(1);
});

it('an id of a batch that somebody else has is left alone', async () => {
  const { batchId } = await askForBatch('a');
  const thief = { organizationId: randomUUID(), createdBy: 'somebody else' };
  await start.workflow({ ...aWorkflow(thief), workflowId: batchId }, 'c');
  expect(await counted('job')).toBe(1);
  expect((await groupOf(engine, batchId)).organizationId).toBe(engine.organizationId);
});
