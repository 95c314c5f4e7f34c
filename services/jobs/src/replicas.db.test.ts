// Two replicas on one database: what each remembers may be stale, what each writes is guarded by the job's `seq`.
import { randomUUID } from 'node:crypto';
import type { ClaimedAttempt } from '@weft/contracts';
import { aUser } from '@weft/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { cancelJob } from './application/cancel-job.js';
import { expireLeases } from './application/expire-leases.js';
import type { Ports } from './application/ports.js';
import { createRecentJobs } from './application/recent-jobs.js';
import { submitJob } from './application/submit-job.js';
import { createClaimDesk, type ClaimDesk } from './claim-desk.js';
import { createSchemaChecker } from './domain/schema-check.js';
import { inTime } from './in-time.js';
import { aVersion, startEngine, succeeded, type Engine } from './testing/engine.js';

let engine: Engine;
let other: Ports;
let otherDesk: ClaimDesk;
const schemas = createSchemaChecker(inTime);
const claimant = { workerId: 'worker-2', targetId: 'local-process' };

beforeAll(async () => {
  engine = await startEngine();
  other = { ...engine.ports, recent: createRecentJobs() };
  otherDesk = createClaimDesk(other);
});

const claimOther = (capacity: number, requestId: string = randomUUID()): Promise<ClaimedAttempt[]> =>
  otherDesk.claim(claimant, { requestId, capacity, start: true });

async function history(id: string): Promise<string[]> {
  const { rows } = await engine.reader.timeline(id, 0, 100);
  expect(rows.map((row) => row.seq)).toEqual(rows.map((_, index) => index + 1));
  return rows.map((row) => `${row.cause}:${row.to}`);
}

describe('what one replica remembers', () => {
  it('does not undo a cancellation that another one wrote', async () => {
    const id = await engine.submit({ items: [null, null] });
    const [attempt] = await engine.claim();
    expect((await cancelJob(other, engine.user, id)).ok).toBe(true);
    expect(engine.ports.recent.get(id)?.job.state).toBe('IN_PROGRESS');
    const cancelled = { ...succeeded(1), outcome: 'CANCELLED' as const, result: null };
    expect(await engine.report(attempt!, 'FINISHED', [succeeded(0), cancelled])).toEqual({
      standing: 'accepted',
    });
    expect(await engine.job(id)).toMatchObject({
      state: 'CANCELLED',
      counts: { SUCCEEDED: 1, CANCELLED: 1 },
    });
    expect(await history(id)).toHaveLength(6);
  });

  it('does not let a worker speak whose lease another one ended', async () => {
    const id = await engine.submit();
    const [attempt] = await engine.claim();
    await engine.silence();
    await expireLeases(other);
    expect(await engine.report(attempt!, 'FINISHED', [succeeded(0)])).toEqual({
      standing: 'refused',
      code: 'LEASE_LOST',
    });
    expect((await engine.job(id)).state).toBe('PENDING');
    const [again] = await claimOther(1);
    expect(again).toMatchObject({ jobId: id, attempt: 2 });
    expect(await engine.report(again!, 'FINISHED', [succeeded(0)], 'worker-2')).toEqual({
      standing: 'accepted',
    });
    expect((await engine.job(id)).state).toBe('SUCCEEDED');
  });
});

describe('replicas at once', () => {
  it('give each job once', async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, () => engine.submit()));
    const given: string[] = [];
    for (let round = 0; given.length < ids.length && round < 40; round++) {
      const claims = await Promise.all([
        engine.claim({ capacity: 3 }),
        claimOther(3),
        engine.claim({ capacity: 2 }),
      ]);
      given.push(...claims.flat().map((attempt) => `${attempt.jobId}:${attempt.attempt}`));
    }
    expect(given.sort()).toEqual(ids.map((id) => `${id}:1`).sort());
    const entries = await engine.database.query('select 1 from queue_entry where job_id = any($1)', [ids]);
    expect(entries).toEqual([]);
  });

  it('serve a claim that reached both of them once', async () => {
    await Promise.all(Array.from({ length: 12 }, () => engine.submit()));
    const requestId = randomUUID();
    const answers = await Promise.allSettled([
      engine.claim({ capacity: 2, requestId, workerId: 'worker-2' }),
      claimOther(2, requestId),
    ]);
    const again = await claimOther(2, requestId);
    expect(again).toHaveLength(2);
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
      else expect(answer.value.map((one) => one.jobId).sort()).toEqual(again.map((one) => one.jobId).sort());
    while ((await claimOther(10)).length > 0);
  });

  it('repeat what the other one gave, also of jobs that they remember otherwise', async () => {
    const ids = [await engine.submit(), await engine.submit()];
    const requestId = randomUUID();
    const given = await claimOther(2, requestId);
    expect(given.map((one) => one.jobId).sort()).toEqual(ids.sort());
    expect(await engine.claim({ capacity: 2, requestId, workerId: 'worker-2' })).toEqual(given);
  });

  it('accept one job under one idempotency key', async () => {
    const submission = engine.submission({ idempotencyKey: 'the key' });
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        submitJob(n % 2 === 0 ? engine.ports : other, schemas, engine.user.id, 'c', submission),
      ),
    );
    const accepted = outcomes.flatMap((one) => (one.ok ? [one.value] : []));
    expect(accepted).toHaveLength(12);
    expect(new Set(accepted.map((one) => one.jobId)).size).toBe(1);
    expect(accepted.filter((one) => !one.repeated)).toHaveLength(1);
    const conflict = await submitJob(other, schemas, engine.user.id, 'c', { ...submission, data: '2' });
    expect(conflict).toMatchObject({ ok: false, errors: [{ code: 'IDEMPOTENCY_CONFLICT' }] });
    await claimOther(1);
  });
});

it('an entry whose job is no more does not block its lane', async () => {
  const crowd = await startEngine();
  const [gone, waiting] = [await crowd.submit({ priority: 1 }), await crowd.submit()];
  await crowd.database.query('delete from job where id = $1', [gone]);
  crowd.ports.recent.forget(gone);
  const claimed = [...(await crowd.claim({ capacity: 1 })), ...(await crowd.claim({ capacity: 1 }))];
  expect(claimed.map((one) => one.jobId)).toEqual([waiting]);
});

it('a burst of one organization does not starve another', async () => {
  const crowd = await startEngine();
  for (let n = 0; n < 60; n++) await crowd.submit();
  const late = aUser();
  const organizationId = late.personalOrganizationId as string;
  const version = aVersion(organizationId);
  await crowd.ports.transact((tx) => tx.references.keepServiceVersion(version));
  for (let n = 0; n < 5; n++)
    await crowd.submit({ organizationId, serviceVersionId: version.id, priority: -100 });
  const claimed: string[] = [];
  for (let n = 0; n < 12; n++)
    claimed.push(...(await crowd.claim({ capacity: 1 })).map((one) => one.organizationId));
  expect(claimed.filter((id) => id === organizationId)).toHaveLength(5);
  expect(claimed.indexOf(organizationId)).toBeLessThan(2);
});

it('what is due by the clock of one replica is given at once by another, whose clock is behind', async () => {
  const first = await startEngine();
  const behind = first.replica({ now: () => new Date(first.ports.now().getTime() - 50) });
  const id = await first.submit({ items: [null, null] });
  const [attempt] = await first.claim();
  expect(await first.report(attempt!, 'RELEASED')).toEqual({ standing: 'accepted' });
  const [again] = await behind.claim();
  expect(again).toMatchObject({ jobId: id, attempt: 2, items: [{ index: 0 }, { index: 1 }] });
});
