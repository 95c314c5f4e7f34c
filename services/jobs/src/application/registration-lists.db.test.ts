import { aUser } from '@weft/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { createBatchReader } from '../persistence/batch-reader.js';
import { createJobList } from '../persistence/job-list.js';
import { createQueueReader } from '../persistence/queue-reader.js';
import { failed, startEngine, succeeded, type Engine } from '../testing/engine.js';
import { claimRegistrations, endRegistration, askingOf, type Asking } from '../testing/registrations.js';
import type { JobFilter, JobOrder } from './job-list.js';

let engine: Engine;
let asking: Asking;
beforeEach(async () => {
  engine = await startEngine();
  asking = askingOf(engine);
});

const found = async (filter: JobFilter = {}, order: JobOrder = 'NEWEST'): Promise<string[]> =>
  (await engine.reader.jobs(engine.user, filter, { first: 50, after: undefined }, order)).rows
    .map(({ name }) => name)
    .sort();

it('is in no list unless asked for, and found by its id', async () => {
  await engine.submit({ name: 'mine' });
  const [mine] = await engine.claim();
  await engine.report(mine!, 'FINISHED', [failed(0, 'SERVICE_EXCEPTION', false)]);
  await engine.submit({ name: 'open' });
  const { workflowId } = await asking.workflow();
  const batch = await asking.batch('good', 'bad', 'waits');
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
  await asking.batch(...Array.from({ length: 1_200 }, (_, n) => `row ${n}`));
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
    const { jobs } = await asking.batch('a', 'b', 'c', 'd', 'e');
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
