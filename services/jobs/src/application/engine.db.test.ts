import { JOB_STATES, type JobChanged } from '@weft/contracts';
import { sqlState } from '@weft/database';
import { aUser } from '@weft/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { GUARD_SQLSTATE, renderGuardSql, storedMoves } from '../domain/lifecycle.js';
import { createSchemaChecker } from '../domain/schema-check.js';
import { aVersion, failed, startEngine, succeeded, type Engine } from '../testing/engine.js';
import { cancelJob } from './cancel-job.js';
import { expireLeases } from './expire-leases.js';
import { renewLeases } from './renew-leases.js';
import { resolveReferences } from './resolve-references.js';
import { retryJob } from './retry-job.js';
import { submitJob } from './submit-job.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

const history = async (id: string): Promise<string[]> => {
  const { rows } = await engine.reader.timeline(id, 0, 100);
  expect(rows.map((row) => row.seq)).toEqual(rows.map((_, index) => index + 1));
  return rows.map((row) => `${row.cause}:${row.to}`);
};

describe('a plain job', () => {
  it('goes from submission to its result, each step in history and outbox', async () => {
    const id = await engine.submit();
    const [attempt] = await engine.claim({ start: false });
    expect(attempt).toMatchObject({
      jobId: id,
      attempt: 1,
      data: { by: 'value', json: '{"n":1}' },
      items: [{ index: 0 }],
    });
    expect((await engine.job(id)).state).toBe('DEQUEUED');
    expect(await engine.report(attempt!, 'STARTED')).toEqual({ standing: 'accepted' });
    expect(await engine.report(attempt!, 'FINISHED', [succeeded(0, { best: 2098 })])).toEqual({
      standing: 'accepted',
    });
    expect(await engine.job(id)).toMatchObject({ state: 'SUCCEEDED', seq: 4, claimableAt: null });
    expect(await history(id)).toEqual([
      'SUBMITTED:PENDING',
      'CLAIMED:DEQUEUED',
      'STARTED:IN_PROGRESS',
      'SUCCEEDED:SUCCEEDED',
    ]);
    const [item] = await engine.reader.soleItems([id]);
    expect(JSON.parse(item?.result ?? 'null')).toEqual({ best: 2098 });
    const news = await engine.database.query<{ id: string }>(
      `select id from outbox where id like $1 order by position`,
      [`job-changed:${id}:%`],
    );
    expect(news.map((row) => row.id.split(':').at(-1))).toEqual(['1', '2', '3', '4']);
  });

  it('answers a repeated claim and a repeated report as the first time', async () => {
    await engine.submit();
    const first = await engine.claim({ requestId: 'request-repeated' });
    expect(await engine.claim({ requestId: 'request-repeated' })).toEqual(first);
    expect(await engine.report(first[0]!, 'FINISHED', [succeeded(0)])).toEqual({ standing: 'accepted' });
    expect(await engine.report(first[0]!, 'FINISHED', [failed(0)])).toEqual({ standing: 'accepted' });
    expect((await engine.job(first[0]!.jobId)).state).toBe('SUCCEEDED');
  });

  it('is given to one of many claims at once', async () => {
    const crowd = await startEngine();
    const ids = new Set(await Promise.all(Array.from({ length: 20 }, () => crowd.submit())));
    const claims = (
      await Promise.all(Array.from({ length: 8 }, (_, n) => crowd.claim({ capacity: 5, workerId: `w${n}` })))
    ).flat();
    expect(claims.map((claim) => claim.jobId).sort()).toEqual([...ids].sort());
    expect(new Set(claims.map((claim) => claim.fence)).size).toBe(20);
  });

  it('is tried again below its limit, with a backoff, and then fails', async () => {
    const id = await engine.submit({ maxAttempts: 2 });
    const [first] = await engine.claim();
    await engine.report(first!, 'FINISHED', [failed(0)]);
    expect(await engine.job(id)).toMatchObject({ state: 'PENDING', reason: 'RETRYING' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const [second] = await engine.claim();
    expect(second).toMatchObject({ jobId: id, attempt: 2 });
    await engine.report(second!, 'FINISHED', [failed(0)]);
    expect((await engine.job(id)).state).toBe('FAILED');
    expect((await history(id)).slice(-3)).toEqual([
      'CLAIMED:DEQUEUED',
      'STARTED:IN_PROGRESS',
      'FAILED:FAILED',
    ]);
  });
});

describe('leases and fencing', () => {
  it('gives a lost attempt to another worker at once, and hears the first one no more', async () => {
    const id = await engine.submit();
    const [zombie] = await engine.claim({ workerId: 'worker-1' });
    await engine.silence();
    await expireLeases(engine.ports);
    expect(await engine.job(id)).toMatchObject({ state: 'PENDING', reason: 'RETRYING' });
    const [next] = await engine.claim({ workerId: 'worker-2' });
    expect(next).toMatchObject({ jobId: id, attempt: 2 });
    expect(await engine.report(zombie!, 'FINISHED', [succeeded(0, 'zombie')])).toEqual({
      standing: 'refused',
      code: 'LEASE_LOST',
    });
    expect(await engine.database.query('select 1 from refused_report where job_id = $1', [id])).toHaveLength(
      1,
    );
    expect(await engine.report(next!, 'FINISHED', [succeeded(0, 'second')], 'worker-2')).toEqual({
      standing: 'accepted',
    });
    const [item] = await engine.reader.soleItems([id]);
    expect(item?.result).toBe('"second"');
  });

  it('ends a job that kills three workers', async () => {
    const id = await engine.submit();
    for (let loss = 1; loss <= 3; loss++) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(await engine.claim()).toHaveLength(1);
      await engine.silence();
      await expireLeases(engine.ports);
    }
    expect((await engine.job(id)).state).toBe('FAILED');
    const [item] = await engine.reader.soleItems([id]);
    expect(item?.error?.code).toBe('WORKER_LOST');
  });

  it('renews only for the holder, and tells a stranger that it has nothing', async () => {
    await engine.submit();
    const [attempt] = await engine.claim();
    const ref = {
      jobId: attempt!.jobId,
      attempt: 1,
      fence: attempt!.fence,
      progress: { fraction: 0.5, message: 'half' },
    };
    const ask = (workerId: string, fence = ref.fence) =>
      renewLeases(
        engine.ports,
        { workerId, targetId: 'local-process' },
        { requestId: 'renew-123', attempts: [{ ...ref, fence }] },
      );
    expect((await ask('worker-1')).attempts[0]).toMatchObject({
      standing: 'held',
      cancel: false,
      leaseMs: 30_000,
    });
    expect((await ask('thief')).attempts[0]?.standing).toBe('lost');
    expect((await ask('worker-1', ref.fence + 1)).attempts[0]?.standing).toBe('lost');
    expect(await engine.report(attempt!, 'FINISHED', [succeeded(0)], 'thief')).toEqual({
      standing: 'refused',
      code: 'LEASE_LOST',
    });
    const [view] = (await engine.reader.attempts([ref.jobId]))[0] ?? [];
    expect(view).toMatchObject({ progress: 0.5, progressMessage: 'half' });
    await engine.report(attempt!, 'FINISHED', [succeeded(0)]);
  });

  it('takes back what a stopping worker releases, without counting it', async () => {
    const id = await engine.submit();
    const [attempt] = await engine.claim();
    await engine.report(attempt!, 'RELEASED');
    expect(await engine.job(id)).toMatchObject({ state: 'PENDING' });
    const [again] = await engine.claim();
    await engine.report(again!, 'FINISHED', [succeeded(0)]);
    const [item] = await engine.reader.soleItems([id]);
    expect(item).toMatchObject({ failures: 0, losses: 0, state: 'SUCCEEDED' });
  });
});

describe('a job of several items', () => {
  it('is claimed in slices, rolls up, and can retry what failed while it runs', async () => {
    const id = await engine.submit({ items: ['{"i":0}', '{"i":1}', '{"i":2}'] });
    const [one] = await engine.claim();
    expect(one?.items.map((item) => item.index)).toEqual([0, 1]);
    const [two] = await engine.claim();
    expect(two).toMatchObject({
      attempt: 2,
      items: [{ index: 2, params: { by: 'value', json: '{"i":2}' } }],
    });
    await engine.report(one!, 'FINISHED', [succeeded(0), failed(1)]);
    expect(await engine.job(id)).toMatchObject({
      state: 'IN_PROGRESS',
      counts: { SUCCEEDED: 1, FAILED: 1, IN_PROGRESS: 1 },
    });
    expect(await retryJob(engine.ports, engine.user, 'correlation-2', id, 'FAILED')).toEqual({
      ok: true,
      value: { jobId: id },
    });
    const [three] = await engine.claim();
    expect(three?.items.map((item) => item.index)).toEqual([1]);
    await engine.report(three!, 'FINISHED', [succeeded(1)]);
    await engine.report(two!, 'FINISHED', [failed(2)]);
    expect((await engine.job(id)).state).toBe('FAILED');
    const outcome = await retryJob(engine.ports, engine.user, 'correlation-3', id, 'FAILED');
    if (!outcome.ok) throw new Error('refused');
    const successor = await engine.job(outcome.value.jobId);
    expect(successor).toMatchObject({
      retryOf: id,
      state: 'PENDING',
      carriedOver: 2,
      counts: { SUCCEEDED: 2, PENDING: 1 },
    });
    const [four] = await engine.claim();
    expect(four).toMatchObject({
      jobId: successor.id,
      items: [{ index: 2, params: { by: 'value', json: '{"i":2}' } }],
    });
    await engine.report(four!, 'FINISHED', [succeeded(2, 'late')]);
    expect((await engine.job(successor.id)).state).toBe('SUCCEEDED');
    const told = async (jobId: string) => {
      const rows = await engine.database.query<{ body: { payload: JobChanged } }>(
        `select body from outbox where id like $1 order by position desc limit 1`,
        [`job-changed:${jobId}:%`],
      );
      return rows[0]?.body.payload;
    };
    expect((await told(id))?.attempts.map((attempt) => attempt.number)).toEqual([1, 3, 2]);
    const carried = (await told(successor.id))?.outcomes[0];
    expect(carried).toMatchObject({
      carriedFrom: id,
      resultSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    const { rows } = await engine.reader.items(successor.id, -1, 10);
    expect(rows.map((row) => row.result)).toEqual(['{"ok":true}', '{"ok":true}', '"late"']);
    expect(await retryJob(engine.ports, engine.user, 'c', successor.id, 'FAILED')).toMatchObject({
      ok: false,
      errors: [{ code: 'JOB_NOTHING_TO_RETRY' }],
    });
  });
});

describe('cancelling', () => {
  it('ends a waiting job at once, and refuses a final one', async () => {
    const id = await engine.submit();
    expect(await cancelJob(engine.ports, engine.user, id)).toMatchObject({ ok: true });
    expect(await engine.job(id)).toMatchObject({ state: 'CANCELLED', claimableAt: null });
    expect(await engine.claim()).toEqual([]);
    expect(await cancelJob(engine.ports, engine.user, id)).toMatchObject({
      ok: false,
      errors: [{ code: 'JOB_ALREADY_FINAL' }],
    });
  });

  it('asks a running one, tells its worker, and accepts whichever comes first', async () => {
    const stopped = await engine.submit();
    const [first] = await engine.claim();
    await cancelJob(engine.ports, engine.user, stopped);
    expect((await engine.job(stopped)).state).toBe('CANCELLING');
    expect(engine.cancelled).toContain(`${stopped}:1`);
    await engine.report(first!, 'FINISHED', [{ ...failed(0, 'CANCELLED'), outcome: 'CANCELLED' }]);
    expect((await engine.job(stopped)).state).toBe('CANCELLED');

    const finished = await engine.submit();
    const [second] = await engine.claim();
    await cancelJob(engine.ports, engine.user, finished);
    await engine.report(second!, 'FINISHED', [succeeded(0)]);
    expect((await engine.job(finished)).state).toBe('SUCCEEDED');

    const lost = await engine.submit();
    await engine.claim();
    await cancelJob(engine.ports, engine.user, lost);
    await engine.silence();
    await expireLeases(engine.ports);
    expect((await engine.job(lost)).state).toBe('CANCELLED');
  });

  it('is not for strangers, who do not even learn that the job is there', async () => {
    const id = await engine.submit();
    const stranger = aUser();
    expect(await cancelJob(engine.ports, stranger, id)).toMatchObject({
      ok: false,
      errors: [{ code: 'NOT_FOUND' }],
    });
    expect(await retryJob(engine.ports, stranger, 'c', id, 'ALL')).toMatchObject({
      ok: false,
      errors: [{ code: 'NOT_FOUND' }],
    });
    expect(await engine.reader.job(stranger, id)).toBeUndefined();
    expect(
      (
        await engine.reader.jobs(
          stranger,
          { organizationId: engine.organizationId },
          { first: 10, after: undefined },
        )
      ).rows,
    ).toEqual([]);
    const viewer = aUser({ organizations: [{ id: engine.organizationId, role: 'VIEWER' }] });
    expect(await cancelJob(engine.ports, viewer, id)).toMatchObject({
      ok: false,
      errors: [{ code: 'FORBIDDEN' }],
    });
    await cancelJob(engine.ports, engine.user, id);
  });
});

describe('submission', () => {
  const submit = (overrides: Parameters<Engine['submission']>[0]) =>
    submitJob(
      engine.ports,
      createSchemaChecker(),
      engine.user.id,
      'correlation-9',
      engine.submission(overrides),
    );

  it('is idempotent by key, and refuses another input under it', async () => {
    const first = await submit({ idempotencyKey: 'k-1' });
    const [again, concurrent] = await Promise.all([
      submit({ idempotencyKey: 'k-1' }),
      submit({ idempotencyKey: 'k-1' }),
    ]);
    if (!first.ok || !again.ok || !concurrent.ok) throw new Error('refused');
    expect([again.value, concurrent.value]).toEqual([
      { jobId: first.value.jobId, repeated: true },
      { jobId: first.value.jobId, repeated: true },
    ]);
    expect(await submit({ idempotencyKey: 'k-1', data: '{"n":2}' })).toMatchObject({
      ok: false,
      errors: [{ code: 'IDEMPOTENCY_CONFLICT' }],
    });
    await cancelJob(engine.ports, engine.user, first.value.jobId);
  });

  it('a refused submission leaves its key free and nothing behind', async () => {
    const before = await engine.database.query<{ n: number }>('select count(*) as n from job');
    const foreign = aVersion('11111111-1111-4111-8111-111111111111');
    await engine.ports.transact((tx) => tx.references.keepServiceVersion(foreign));
    expect(await submit({ idempotencyKey: 'k-2', serviceVersionId: foreign.id })).toMatchObject({
      ok: false,
      errors: [{ code: 'REFERENCE_UNKNOWN' }],
    });
    expect(await engine.database.query('select count(*) as n from job')).toEqual(before);
    const retried = await submit({ idempotencyKey: 'k-2' });
    expect(retried).toMatchObject({ ok: true, value: { repeated: false } });
    if (retried.ok) await cancelJob(engine.ports, engine.user, retried.value.jobId);
  });

  it('says everything that is wrong at once', async () => {
    const outcome = await submit({
      name: ' ',
      priority: 1000,
      maxAttempts: 0,
      items: [],
      data: `"${'x'.repeat(1024 * 1024)}"`,
    });
    if (outcome.ok) throw new Error('accepted');
    expect(outcome.errors.map((error) => error.path.at(-1)).sort()).toEqual([
      'data',
      'items',
      'maxAttempts',
      'name',
      'priority',
    ]);
  });

  it('accepts a value of exactly 1 MB', async () => {
    const data = `"${'x'.repeat(1024 * 1024 - 2)}"`;
    const outcome = await submit({ data });
    if (!outcome.ok) throw new Error(outcome.errors[0]?.message);
    await cancelJob(engine.ports, engine.user, outcome.value.jobId);
  });

  it('checks data and params against the schemas of the version', async () => {
    const version = aVersion(engine.organizationId, {
      dataSchema: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } },
      paramsSchema: { type: 'object', properties: { seed: { type: 'integer' } } },
    });
    await engine.ports.transact((tx) => tx.references.keepServiceVersion(version));
    const outcome = await submit({
      serviceVersionId: version.id,
      data: '{"n":"one"}',
      items: ['{"seed":1}', '{"seed":"x"}'],
    });
    if (outcome.ok) throw new Error('accepted');
    expect(outcome.errors.map((error) => error.path.join('.'))).toEqual([
      'input.data.n',
      'input.items.1.params.seed',
    ]);
  });

  it('waits for a reference that is not known yet, and refuses it after its time', async () => {
    const late = aVersion(engine.organizationId);
    const outcome = await submit({ serviceVersionId: late.id });
    if (!outcome.ok) throw new Error('refused');
    const { jobId } = outcome.value;
    expect(await engine.job(jobId)).toMatchObject({
      state: 'PENDING',
      reason: 'WAITING_FOR_REFERENCE',
      claimableAt: null,
    });
    await resolveReferences(engine.ports, createSchemaChecker());
    expect((await engine.job(jobId)).reason).toBe('WAITING_FOR_REFERENCE');
    await engine.ports.transact((tx) => tx.references.keepServiceVersion(late));
    await resolveReferences(engine.ports, createSchemaChecker());
    expect(await engine.job(jobId)).toMatchObject({ reason: 'QUEUED', serviceId: late.serviceId });
    await cancelJob(engine.ports, engine.user, jobId);

    const never = await submit({ serviceVersionId: 'no-such-version' });
    if (!never.ok) throw new Error('refused');
    await engine.database.query(`update job set reference_deadline = now() where id = $1`, [
      never.value.jobId,
    ]);
    await resolveReferences(engine.ports, createSchemaChecker());
    expect((await engine.job(never.value.jobId)).state).toBe('FAILED');
    const [item] = await engine.reader.soleItems([never.value.jobId]);
    expect(item?.error?.code).toBe('REFERENCE_UNKNOWN');
  });
});

describe('the database itself', () => {
  it('refuses every edge that is not in the table, and every change of what is final', async () => {
    const id = await engine.submit({ items: [null, null] });
    const states = JOB_STATES.filter((state) => state !== 'PENDING');
    for (const from of JOB_STATES) {
      for (const to of JOB_STATES) {
        if (from === to) continue;
        await engine.database.query(`alter table job_item disable trigger job_item_guard`);
        await engine.database.query(`update job_item set state = $2 where job_id = $1 and index = 0`, [
          id,
          from,
        ]);
        await engine.database.query(`alter table job_item enable trigger job_item_guard`);
        const move = engine.database.query(`update job_item set state = $2 where job_id = $1 and index = 0`, [
          id,
          to,
        ]);
        if (storedMoves().some((move) => move.from === from && move.to === to))
          await expect(move).resolves.toBeDefined();
        else await expect(move.catch((error: unknown) => sqlState(error))).resolves.toBe(GUARD_SQLSTATE);
      }
    }
    expect(states).toHaveLength(6);
  });

  it('runs the guard that the table renders today', async () => {
    const rows = await engine.database.query<{ source: string }>(
      `select prosrc as source from pg_proc where proname in ('guard_job_item', 'guard_final_job') order by proname desc`,
    );
    for (const { source } of rows) expect(renderGuardSql()).toContain(source);
    expect(rows).toHaveLength(2);
  });

  it('freezes a final job, but not its name', async () => {
    const id = await engine.submit();
    await cancelJob(engine.ports, engine.user, id);
    const change = (assignment: string) =>
      engine.database
        .query(`update job set ${assignment} where id = $1`, [id])
        .catch((error: unknown) => sqlState(error));
    for (const assignment of [
      `state = 'SUCCEEDED', succeeded = 1, cancelled = 0`,
      `seq = 99`,
      `ended_at = now()`,
    ]) {
      expect(await change(assignment)).toBe(GUARD_SQLSTATE);
    }
    expect(await change(`name = 'renamed'`)).toEqual([]);
    const item = engine.database
      .query(`update job_item set result = '1' where job_id = $1`, [id])
      .catch((error: unknown) => sqlState(error));
    expect(await item).toBe(GUARD_SQLSTATE);
    const event = engine.database
      .query(`update job_event set cause = 'x' where job_id = $1`, [id])
      .catch((error: unknown) => sqlState(error));
    expect(await event).toBe(GUARD_SQLSTATE);
  });

  it('gives one and the same object through TypeORM and through the prepared statements', async () => {
    const id = await engine.submit({ tags: ['a', 'b'], items: [null, '{"x":1}'] });
    const locked = await engine.ports.transact((tx) => tx.jobs.lock(id));
    expect(locked?.job).toEqual(await engine.job(id));
    const { rows } = await engine.reader.items(id, -1, 10);
    expect(locked?.items).toEqual(rows);
    await cancelJob(engine.ports, engine.user, id);
  });
});

describe('lists', () => {
  it('are paged by cursor without a gap or repetition, and filtered', async () => {
    const tenant = await startEngine();
    const ids: string[] = [];
    for (let n = 0; n < 7; n++) ids.unshift(await tenant.submit({ name: `job ${n}` }));
    const seen: string[] = [];
    let after: (string | number)[] | undefined;
    for (let page = 0; page < 5; page++) {
      const { rows, hasNextPage } = await tenant.reader.jobs(tenant.user, {}, { first: 3, after });
      seen.push(...rows.map((row) => row.id));
      const last = rows.at(-1);
      after = last === undefined ? undefined : [last.submittedAt.toISOString(), last.id];
      if (!hasNextPage) break;
    }
    expect(seen).toEqual(ids);
    const [attempt] = await tenant.claim({ capacity: 1 });
    const running = await tenant.reader.jobs(
      tenant.user,
      { states: ['IN_PROGRESS'] },
      { first: 10, after: undefined },
    );
    expect(running.rows.map((row) => row.id)).toEqual([attempt?.jobId]);
    expect(
      (await tenant.reader.jobs(tenant.user, { targetId: 'other' }, { first: 10, after: undefined })).rows,
    ).toEqual([]);
    expect(
      (
        await tenant.reader.jobs(
          tenant.user,
          { serviceVersionId: tenant.version.id },
          { first: 10, after: undefined },
        )
      ).rows,
    ).toHaveLength(7);
  });
});
