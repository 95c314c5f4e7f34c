import { randomUUID } from 'node:crypto';
import { jobChanged, REGISTRY_TARGET, type RegistryBatchRequested } from '@weft/contracts';
import { twiceAndShuffled } from '@weft/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { forgetOldRecords } from '../persistence/forget-old-records.js';
import { disagreements, newsOf } from '../testing/engine-tables.js';
import { startEngine, succeeded, type Engine } from '../testing/engine.js';
import {
  aBatch,
  askerOf,
  aWorkflow,
  claimRegistrations,
  endRegistration,
  askingOf,
  type Asking,
} from '../testing/registrations.js';
import { groupOf, jobsOf, keep } from '../testing/workflows.js';
import { expireLeases } from './expire-leases.js';
import { startRegistrations, type StartRegistrations } from './start-registrations.js';

let engine: Engine;
let asking: Asking;
beforeEach(async () => {
  engine = await startEngine();
  asking = askingOf(engine);
});

describe('a workflow that the registry asks for', () => {
  it('has the ids that it chose, runs step by step, and is told with what it does', async () => {
    const { workflowId, steps } = await asking.workflow();
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
    await asking.start.workflow({ ...asked, steps: [register, odd] }, 'c');
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
  const telling = [
    ...workflows.map((one) => (by: StartRegistrations) => by.workflow(one, 'c')),
    ...parts.map((one) => (by: StartRegistrations) => by.batchPart(one, 'c')),
  ];
  const told = twiceAndShuffled(telling, 7);
  await Promise.all(told.map((ask, at) => ask(at % 2 === 0 ? asking.start : other)));
  // And once more when all is there: nothing of it stays behind.
  await Promise.all(telling.map((ask) => ask(asking.start)));
  expect(await asking.counted('job')).toBe(2 * 2 + 6);
  expect(await asking.counted('batch')).toBe(3);
  expect(await asking.counted('registry_batch_part')).toBe(0);
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
  await asking.start.batchPart(two, 'c');
  await asking.start.batchPart(two, 'c');
  expect([await asking.counted('job'), await asking.counted('batch')]).toEqual([0, 0]);
  await asking.start.batchPart(one, 'c');
  expect((await groupOf(engine, one.batchId)).counts.PENDING).toBe(2);
});

it('parts of a batch of which the others never come are forgotten, once the last of them is old', async () => {
  const [lone] = aBatch(askerOf(engine), ['a'], ['b']);
  const [first, second, third] = aBatch(askerOf(engine), ['a'], ['b'], ['c']);
  for (const part of [lone, first, second]) await asking.start.batchPart(part!, 'c');
  const age = (part: RegistryBatchRequested | undefined, days: number) =>
    engine.database.query(
      `update registry_batch_part set at = now() - make_interval(days => $3) where batch_id = $1 and index = $2`,
      [part!.batchId, part!.part.index, days],
    );
  await age(lone, 15);
  await age(first, 15);
  await age(second, 13);
  await forgetOldRecords(engine.database);
  expect(await asking.counted('registry_batch_part')).toBe(2);
  await asking.start.batchPart(third!, 'c');
  expect((await groupOf(engine, third!.batchId)).counts.PENDING).toBe(3);
  expect(await asking.counted('registry_batch_part')).toBe(0);
});

it('what its worker loses is tried again', async () => {
  const { workflowId } = await asking.workflow();
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
  const { batchId } = await asking.batch('a');
  const thief = { organizationId: randomUUID(), createdBy: 'somebody else' };
  await asking.start.workflow({ ...aWorkflow(thief), workflowId: batchId }, 'c');
  expect(await asking.counted('job')).toBe(1);
  expect((await groupOf(engine, batchId)).organizationId).toBe(engine.organizationId);
});
