import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { ClaimedAttempt } from '@weft/contracts';
import { userError } from '@weft/errors';
import { aUser, eventually } from '@weft/testkit';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { endedAtOf, stateOfBatch } from '../domain/batch.js';
import { failed, succeeded, type Engine } from '../testing/engine.js';
import { disagreements } from '../testing/engine-tables.js';
import {
  accepted,
  agrees,
  batch,
  claimAll,
  jobs,
  nonZero,
  refusals,
  schemas,
  startWideEngine,
  submit,
  valueOf,
} from '../testing/batches.js';
import { cancelBatch } from './cancel-batch.js';
import { cancelJobs } from './cancel-jobs.js';
import { keepBatches } from './keep-batches.js';
import { retryBatch } from './retry-batch.js';
import { retryJob } from './retry-job.js';
import { submitBatch } from './submit-batch.js';

let engine: Engine;
beforeEach(async () => {
  engine = await startWideEngine();
});

describe('the life of a batch', () => {
  it('is counted through every transition, folded or not', async () => {
    const id = await accepted(engine, 6);
    expect(stateOfBatch(await agrees(engine, id))).toBe('PENDING');
    const [first, second, third] = await claimAll(engine, 3);
    expect(stateOfBatch(await agrees(engine, id))).toBe('IN_PROGRESS');
    await engine.report(first as ClaimedAttempt, 'FINISHED', [succeeded(0)]);
    await engine.report(second as ClaimedAttempt, 'FINISHED', [failed(0)]);
    const running = await batch(engine, id);
    expect(endedAtOf(running)).toBeNull();
    expect(running.startedAt).not.toBeNull();
    await engine.report(third as ClaimedAttempt, 'FINISHED', [failed(0)]);
    for (const one of await claimAll(engine, 3)) await engine.report(one, 'FINISHED', [succeeded(0)]);
    const ended = await agrees(engine, id);
    expect(stateOfBatch(ended)).toBe('FAILED');
    const [last] = await engine.database.query<{ at: Date }>('select max(ended_at) as at from job');
    expect(endedAtOf(ended)).toEqual(last?.at);
  });

  it('a retry gives successors to the failed, which take their places', async () => {
    const id = await accepted(engine, 4);
    const attempts = await claimAll(engine, 4);
    for (const [at, one] of attempts.entries())
      await engine.report(one, 'FINISHED', [at < 2 ? failed(0) : succeeded(0)]);
    expect(
      valueOf(await retryBatch(engine.ports, engine.user, 'c-2', { batchId: id, items: 'FAILED', from: 0 })),
    ).toEqual({
      batchId: id,
      jobs: 2,
      next: null,
      stopped: [],
    });
    const open = await agrees(engine, id);
    expect(nonZero(open)).toEqual({ PENDING: 2, SUCCEEDED: 2 });
    expect(endedAtOf(open)).toBeNull();
    expect(await engine.database.query('select 1 from job where batch_id = $1', [id])).toHaveLength(6);
    // The same job once more: the later retry has the last word, what becomes of the earlier one counts no more.
    const again = valueOf(
      await retryJob(engine.ports, engine.user, 'c-3', (attempts[0] as ClaimedAttempt).jobId, 'FAILED'),
    );
    expect(nonZero(await agrees(engine, id))).toEqual({ PENDING: 2, SUCCEEDED: 2 });
    for (const one of await claimAll(engine, 3))
      await engine.report(one, 'FINISHED', [one.jobId === again.jobId ? failed(0) : succeeded(0)]);
    expect(nonZero(await agrees(engine, id))).toEqual({ SUCCEEDED: 3, FAILED: 1 });
    await retryBatch(engine.ports, engine.user, 'c-4', { batchId: id, items: 'FAILED', from: 0 });
    for (const one of await claimAll(engine, 1)) await engine.report(one, 'FINISHED', [succeeded(0)]);
    expect(stateOfBatch(await agrees(engine, id))).toBe('SUCCEEDED');
    expect(
      refusals(await retryBatch(engine.ports, engine.user, 'c-5', { batchId: id, items: 'FAILED', from: 0 })),
    ).toEqual(['JOB_NOTHING_TO_RETRY input.id']);
  });

  it('keeps to its times, and wakes nobody before', async () => {
    const now = Date.now();
    const past = { deadline: new Date(now - 1_000) };
    expect(refusals(await submit(engine, jobs(2), past))).toEqual(['BAD_USER_INPUT input.deadline']);
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
    const id = await accepted(engine, 1);
    const [attempt] = (await claimAll(engine, 1)) as [ClaimedAttempt];
    await engine.report(attempt, 'FINISHED', [failed(0)]);
    const full = userError('QUEUE_FULL', 'Full.', 'input', 'organizationId');
    const ports = {
      ...engine.ports,
      queueCap: { ...engine.ports.queueCap, admit: () => Promise.resolve(full) },
    };
    expect(
      refusals(await retryBatch(ports, engine.user, 'c', { batchId: id, items: 'FAILED', from: 0 })),
    ).toEqual(['QUEUE_FULL input.organizationId']);
    expect(nonZero(await batch(engine, id))).toEqual({ FAILED: 1 });
  });

  it('a retry that takes long, or finds the queue full, tells where to go on; each place is retried once', async () => {
    const id = await accepted(engine, 405);
    valueOf(await cancelBatch(engine.ports, engine.user, id));
    const retryFrom = async (from: number, ports = engine.ports) =>
      valueOf(await retryBatch(ports, engine.user, 'c', { batchId: id, items: 'ALL', from }, 0));
    expect(await retryFrom(0)).toEqual({ batchId: id, jobs: 200, next: 200, stopped: [] });
    // What has ended again meanwhile is no matter of this retry any more.
    for (const one of await claimAll(engine, 3)) await engine.report(one, 'FINISHED', [succeeded(0)]);
    expect(await retryFrom(200)).toMatchObject({ jobs: 200, next: 400 });
    const full = userError('QUEUE_FULL', 'Full.', 'input', 'organizationId');
    const admit = vi.fn(engine.ports.queueCap.admit).mockResolvedValueOnce(undefined).mockResolvedValue(full);
    const filling = { ...engine.ports, queueCap: { ...engine.ports.queueCap, admit } };
    const all = { batchId: id, items: 'ALL', from: 0 } as const;
    expect(await retryFrom(400)).toMatchObject({ jobs: 5, next: 405 });
    expect(await retryFrom(405)).toMatchObject({ jobs: 0, next: null });
    expect(nonZero(await agrees(engine, id))).toEqual({ PENDING: 402, SUCCEEDED: 3 });
    valueOf(await cancelBatch(engine.ports, engine.user, id));
    expect(valueOf(await retryBatch(filling, engine.user, 'c', all))).toEqual({
      batchId: id,
      jobs: 200,
      next: 200,
      stopped: [full],
    });
  });

  it('two retries of one job at the same moment leave one last word', async () => {
    const id = await accepted(engine, 1);
    const [attempt] = (await claimAll(engine, 1)) as [ClaimedAttempt];
    await engine.report(attempt, 'FINISHED', [failed(0)]);
    await Promise.all([1, 2, 3].map(() => retryJob(engine.ports, engine.user, 'c', attempt.jobId, 'FAILED')));
    expect(nonZero(await batch(engine, id))).toEqual({ PENDING: 1 });
    expect(await engine.database.query('select 1 from job where batch_last')).toHaveLength(1);
  });

  it('cancelled while claims run, every job ends and the counts agree', async () => {
    const id = await accepted(engine, 450);
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
    const asked = await batch(engine, id);
    expect(asked.cancelling).toBe(false);
    expect(asked.counts.PENDING + asked.counts.DEQUEUED + asked.counts.IN_PROGRESS).toBe(0);
    for (const attempt of claimed)
      await engine.report(attempt, 'FINISHED', [{ ...succeeded(0), outcome: 'CANCELLED' as const }]);
    expect(stateOfBatch(await agrees(engine, id))).toBe('CANCELLED');
    expect(refusals(await cancelBatch(engine.ports, engine.user, id))).toEqual([
      'JOB_ALREADY_FINAL input.id',
    ]);
  });

  it('a cancellation that takes long is answered before it is done, and goes on', async () => {
    const id = await accepted(engine, 3);
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
    expect(stateOfBatch(await batch(engine, id))).toBe('CANCELLING');
    letGo.resolve();
    await holder;
    await eventually(
      'the rest is cancelled',
      async () => stateOfBatch(await batch(engine, id)) === 'CANCELLED',
    );
  });

  it('starts nothing any more once its cancellation was asked for, and nothing waits behind it', async () => {
    const id = await accepted(engine, 20, { maxAttempts: 3, priority: 5 });
    const later = await accepted(engine, 2, { startAt: new Date(Date.now() + 100), maxAttempts: 3 });
    const [lost, under] = await engine.claim({ capacity: 2 });
    await engine.ports.transact((tx) => tx.batches.askToCancel(id, engine.user.id));
    await engine.ports.transact((tx) => tx.batches.askToCancel(later, engine.user.id));
    // What runs goes on until the request reaches it; it does not begin again.
    await engine.report(lost as ClaimedAttempt, 'FINISHED', [failed(0)]);
    const behind = await engine.submit();
    await setTimeout(150);
    expect((await engine.claim()).map((one) => one.jobId)).toEqual([behind]);
    for (const one of [id, later]) valueOf(await cancelBatch(engine.ports, engine.user, one));
    await engine.report(under as ClaimedAttempt, 'FINISHED', [
      { ...succeeded(0), outcome: 'CANCELLED' as const },
    ]);
    expect(nonZero(await agrees(engine, id))).toEqual({ CANCELLED: 20 });
    expect(nonZero(await agrees(engine, later))).toEqual({ CANCELLED: 2 });
    // The request is over: those that run again are queued as ever, also for a second attempt.
    expect(
      valueOf(await retryBatch(engine.ports, engine.user, 'c', { batchId: id, items: 'FAILED', from: 0 }))
        .jobs,
    ).toBe(20);
    const [again] = await claimAll(engine, 1);
    await engine.report(again as ClaimedAttempt, 'FINISHED', [failed(0)]);
    expect(await disagreements(engine)).toEqual([]);
  });

  it('a cancellation whose process died goes on', async () => {
    const id = await accepted(engine, 3);
    await engine.ports.transact((tx) => tx.batches.askToCancel(id, engine.user.id));
    expect(stateOfBatch(await batch(engine, id))).toBe('CANCELLING');
    expect(
      refusals(await retryBatch(engine.ports, engine.user, 'c', { batchId: id, items: 'FAILED', from: 0 })),
    ).toEqual(['CONFLICT input.id']);
    // The request may still be on its way: it is given some time.
    await keepBatches(engine.ports);
    expect(stateOfBatch(await batch(engine, id))).toBe('CANCELLING');
    await engine.database.query(`update batch set cancel_requested_at = now() - interval '6 seconds'`);
    await keepBatches(engine.ports);
    expect(stateOfBatch(await batch(engine, id))).toBe('CANCELLED');
  });
});

it('jobs are cancelled by filter, and only counted in a dry run', async () => {
  const first = await accepted(engine, 5, { targetId: 'local-process' });
  await accepted(engine, 3, { priority: 1 });
  const filter = { batchId: first };
  expect(valueOf(await cancelJobs(engine.ports, engine.user, filter, true))).toEqual({
    jobs: 5,
    more: false,
  });
  expect(nonZero(await batch(engine, first))).toEqual({ PENDING: 5 });
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

it('a request to cancel by filter stops in time, and says that there is more', async () => {
  await Promise.all(Array.from({ length: 205 }, () => engine.submit()));
  const again = () => cancelJobs(engine.ports, engine.user, {}, false, 0);
  expect(valueOf(await again())).toEqual({ jobs: 200, more: true });
  expect(valueOf(await again()).jobs).toBe(5);
  expect(valueOf(await again())).toEqual({ jobs: 0, more: false });
});
