import type { Actor } from '@weft/identity';
import { aUser } from '@weft/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { aTarget, failed, startEngine, succeeded, type Engine } from '../testing/engine.js';
import { valueOf } from '../testing/stored-jobs.js';
import { cancelJob } from './cancel-job.js';
import { dismissDeadLetters, requeueDeadLetters, type DeadLetterChoice } from './dead-letters.js';
import { expireLeases } from './expire-leases.js';
import { deleteJob, transferJob } from './keep-record.js';
import { retryJob } from './retry-job.js';
import type { RetryItems } from './succeed-jobs.js';

let engine: Engine;
beforeEach(async () => {
  // What is to be tried again is not due before the test says so.
  engine = await startEngine({ timing: { backoff: { baseMs: 60_000, maxMs: 60_000 } } });
});

type Overrides = Parameters<Engine['submit']>[0];

async function fails(overrides: Overrides = {}): Promise<string> {
  const id = await engine.submit(overrides);
  const attempts = (await engine.claim()).filter((attempt) => attempt.jobId === id);
  for (const attempt of attempts)
    await engine.report(
      attempt,
      'FINISHED',
      attempt.items.map(({ index }) => failed(index)),
    );
  expect((await engine.job(id)).state).toBe('FAILED');
  return id;
}

const list = async (actor: Actor = engine.user, filter = {}): Promise<string[]> =>
  (
    await engine.reader.jobs(actor, { ...filter, dead: true }, { first: 100, after: undefined }, 'LAST_ENDED')
  ).rows.map((job) => job.id);

const requeue = (
  choice: DeadLetterChoice,
  {
    actor = engine.user,
    items = 'FAILED',
    dryRun = false,
    at = engine,
  }: { actor?: Actor; items?: RetryItems; dryRun?: boolean; at?: Engine } = {},
) => requeueDeadLetters(at.ports, at.reader, { actor, choice, dryRun }, 'correlation-2', items);

const dismiss = (choice: DeadLetterChoice, reason: string, actor = engine.user) =>
  dismissDeadLetters(engine.ports, engine.reader, { actor, choice, dryRun: false }, reason);

const successors = async (id: string): Promise<string[]> =>
  ((await engine.reader.retries([id]))[0] ?? []).map((job) => job.id);

describe('dead letters', () => {
  it('are the jobs that failed for good, the latest first, with what they failed of', async () => {
    const tried = await fails();
    const lost = await engine.submit({ items: ['1', '2'] });
    for (let losses = 0; losses < 3; losses++) {
      await engine.database.query(`update queue_entry set run_at = now(), ready = true`);
      await engine.database.query(`update job_item set run_at = now() where job_id = $1`, [lost]);
      await engine.database.query(`update job set claimable_at = now() where id = $1`, [lost]);
      expect(await engine.claim()).toHaveLength(1);
      await engine.silence();
      await expireLeases(engine.ports);
    }
    const again = await engine.submit({ maxAttempts: 2 });
    const [attempt] = await engine.claim();
    await engine.report(attempt!, 'FINISHED', [failed(0)]);
    const asked = await engine.submit();
    const [running] = (await engine.claim()).filter((one) => one.jobId === asked);
    await cancelJob(engine.ports, engine.user, asked);
    await engine.report(running!, 'FINISHED', [failed(0)]);
    expect((await engine.job(asked)).state).toBe('FAILED');
    expect((await engine.job(again)).state).toBe('PENDING');
    expect(await list()).toEqual([lost, tried]);
    expect(await engine.reader.failures([lost, tried])).toEqual([
      { jobId: lost, failedItems: 2, losses: 6, error: expect.objectContaining({ code: 'WORKER_LOST' }) },
      {
        jobId: tried,
        failedItems: 1,
        losses: 0,
        error: expect.objectContaining({ code: 'SERVICE_EXCEPTION' }),
      },
    ]);
    expect(await list(aUser())).toEqual([]);
  });

  it('are none any more once they were retried, deleted or given away', async () => {
    const other = aUser().personalOrganizationId as string;
    const owner = aUser({
      organizations: [
        { id: engine.organizationId, role: 'OWNER' },
        { id: other, role: 'OWNER' },
      ],
    });
    const [retried, deleted, given] = [await fails(), await fails(), await fails()];
    valueOf(await retryJob(engine.ports, engine.user, 'c', retried, 'FAILED'));
    valueOf(await deleteJob(engine.ports, owner, deleted));
    valueOf(await transferJob(engine.ports, owner, given, other));
    expect(await list()).toEqual([]);
    expect(await list(owner)).toEqual([given]);
    valueOf(await deleteJob(engine.ports, owner, given));
    expect(await engine.database.query('select from dead_job')).toEqual([]);
  });

  it('run again by filter once each, whoever asks how often, with what succeeded carried over', async () => {
    const tags = ['night'];
    const plain = [await fails({ tags }), await fails({ tags }), await fails({ tags })];
    const untagged = await fails();
    const several = await engine.submit({ items: ['1', '2'], tags });
    const [attempt] = await engine.claim();
    await engine.report(attempt!, 'FINISHED', [succeeded(0), failed(1)]);
    const choice = { filter: { tags } };
    expect(valueOf(await requeue(choice, { dryRun: true }))).toMatchObject({ jobs: 4, more: false });
    const replicas = [engine, engine.replica(), engine.replica()];
    const answers = await Promise.all(replicas.map((at) => requeue(choice, { at })));
    expect(answers.map((one) => valueOf(one).jobs).reduce((a, b) => a + b)).toBe(4);
    expect(valueOf(await requeue(choice))).toEqual({
      jobs: 0,
      unknown: [],
      more: false,
      refused: [],
      stopped: undefined,
    });
    for (const id of [...plain, several]) expect(await successors(id)).toHaveLength(1);
    const [heir] = await successors(several);
    expect(await engine.job(heir!)).toMatchObject({
      state: 'PENDING',
      carriedOver: 1,
      retryOf: several,
      tags,
    });
    expect(await list()).toEqual([untagged]);
    expect(await engine.claim()).toHaveLength(4);
  });

  it('are dealt with for a while only; asked again, the rest', async () => {
    const ids = await Promise.all(Array.from({ length: 103 }, () => engine.submit()));
    for (const one of await engine.claim({ capacity: 103 }))
      await engine.report(one, 'FINISHED', [failed(0)]);
    const again = async () => {
      const choice = { filter: {} } as const;
      const request = { actor: engine.user, choice, dryRun: false };
      return valueOf(await requeueDeadLetters(engine.ports, engine.reader, request, 'c', 'FAILED', 0));
    };
    expect(await again()).toMatchObject({ jobs: 100, more: true });
    expect(await again()).toMatchObject({ jobs: 3 });
    expect(await again()).toMatchObject({ jobs: 0, more: false });
    const [row] = await engine.database.query<{ n: number }>(
      'select count(distinct retry_of)::int as n from job where retry_of = any($1)',
      [ids],
    );
    expect(row?.n).toBe(103);
  });

  it('run again as far as the queue has room; asked again, the rest', async () => {
    const ids = [await fails(), await fails(), await fails()];
    const limit = (queuedJobs: number) =>
      engine.ports.transact((tx) =>
        tx.queueLimits.set(engine.organizationId, { concurrentAttempts: null, queuedJobs }, 'an operator'),
      );
    await limit(2);
    const at = engine.replica();
    expect(valueOf(await requeue({ ids }, { at }))).toMatchObject({
      jobs: 2,
      more: true,
      stopped: { code: 'QUEUE_FULL' },
    });
    expect(await list()).toEqual([ids[0]]);
    await limit(3);
    expect(valueOf(await requeue({ ids }, { at }))).toMatchObject({
      jobs: 1,
      more: false,
      stopped: undefined,
    });
  });

  it('stay what they are when they cannot run again', async () => {
    const id = await fails();
    const tell = (seq: number, kinds: readonly 'COMMAND'[]) =>
      engine.ports.transact((tx) =>
        tx.references.keepTarget(aTarget({ seq, ...(kinds.length > 0 ? { kinds } : {}) })),
      );
    await tell(2, ['COMMAND']);
    expect(valueOf(await requeue({ filter: {} }))).toMatchObject({
      jobs: 0,
      refused: [{ jobId: id, error: { code: 'TARGET_INCOMPATIBLE' } }],
    });
    expect(await list()).toEqual([id]);
    await tell(3, []);
    expect(valueOf(await requeue({ filter: {} }))).toMatchObject({ jobs: 1, refused: [] });
  });

  it('are dismissed with a reason that the record keeps', async () => {
    const [first, second] = [await fails(), await fails()];
    expect(valueOf(await dismiss({ ids: [first, first, 'no id'] }, 'known fault'))).toEqual({
      jobs: 1,
      unknown: ['no id'],
      more: false,
    });
    expect(await list()).toEqual([second]);
    expect(await successors(first)).toEqual([]);
    const audit = await engine.database.query(
      'select action, changes, actor_id as by from job_audit where job_id = $1',
      [first],
    );
    expect(audit).toEqual([
      {
        action: 'DISMISSED',
        changes: [{ field: 'reason', from: null, to: 'known fault' }],
        by: engine.user.id,
      },
    ]);
    expect(valueOf(await dismiss({ ids: [first] }, 'again'))).toEqual({
      jobs: 0,
      unknown: [first],
      more: false,
    });
    expect(await dismiss({ ids: [second] }, ' ')).toMatchObject({ errors: [{ path: ['input', 'reason'] }] });
    valueOf(await retryJob(engine.ports, engine.user, 'c', first, 'ALL'));
  });

  it('are dealt with by those who may change the jobs', async () => {
    const id = await fails();
    const viewer = aUser({
      personalOrganizationId: undefined,
      organizations: [{ id: engine.organizationId, role: 'VIEWER' }],
    });
    expect(await list(viewer)).toEqual([id]);
    for (const actor of [viewer, aUser()])
      for (const choice of [
        { ids: [id] },
        { filter: {} },
        { filter: { organizationId: engine.organizationId } },
      ]) {
        const outcomes = [await requeue(choice, { actor }), await dismiss(choice, 'mine', actor)];
        for (const outcome of outcomes)
          expect(outcome.ok ? outcome.value.jobs : outcome.errors[0]?.code).toSatisfy(
            (told) => told === 0 || told === 'FORBIDDEN',
          );
      }
    expect(await list()).toEqual([id]);
    expect(await requeue({ ids: [] })).toMatchObject({ errors: [{ path: ['input', 'ids'] }] });
  });
});
