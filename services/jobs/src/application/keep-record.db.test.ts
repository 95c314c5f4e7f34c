import { randomUUID } from 'node:crypto';
import type { Actor } from '@weft/identity';
import { aUser, eventually } from '@weft/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRecordReader } from '../persistence/record-reader.js';
import { startEngine, succeeded, failed, type Engine } from '../testing/engine.js';
import { deleteJob, deleteOutlived, setRetention, transferJob, updateJob } from './keep-record.js';
import type { Ports } from './ports.js';
import { createRecentJobs } from './recent-jobs.js';
import { retryJob } from './retry-job.js';
import { deleteView, saveView } from './save-view.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

const codes = (outcome: { ok: boolean; errors?: readonly { code: string }[] }) =>
  outcome.ok ? [] : outcome.errors?.map((error) => error.code);
const as = (role: 'VIEWER' | 'MAINTAINER' | 'OWNER', also: Actor['organizations'] = []): Actor =>
  aUser({ organizations: [{ id: engine.organizationId, role }, ...also] });
async function finalJob(items = [succeeded(0)]): Promise<string> {
  const id = await engine.submit({ items: items.map(() => null) });
  const attempts = (await engine.claim({ capacity: 10 })).filter((attempt) => attempt.jobId === id);
  for (const attempt of attempts) await engine.report(attempt, 'FINISHED', items);
  return id;
}
const rowsOf = async (table: string, column: string, id: string): Promise<number> =>
  (await engine.database.query(`select 1 from ${table} where ${column} = $1`, [id])).length;
const news = async (id: string) =>
  (await engine.database.query<{ id: string }>(`select id from outbox where id like $1`, [`job-record-changed:${id}:%`])).map((row) => row.id); // prettier-ignore

describe('the record of a job', () => {
  it('is changed with a history of its own; the priority of a waiting job moves it in the queue', async () => {
    const [early, late] = [await engine.submit({ name: 'early' }), await engine.submit({ name: 'late' })];
    const before = await engine.job(late);
    expect(codes(await updateJob(engine.ports, as('MAINTAINER'), late, { name: 'first', priority: 50, description: 'x\ny', tags: ['t'] }))).toEqual([]); // prettier-ignore
    expect(await engine.job(late)).toEqual({
      ...before,
      name: 'first',
      priority: 50,
      tags: ['t'],
      recordRevision: 1,
    });
    const reader = createRecordReader(engine.database);
    const { rows } = await reader.audit(late, 0, 10);
    expect(rows[0]).toMatchObject({ number: 1, action: 'UPDATED', actor: { kind: 'user' } });
    expect(rows[0]?.changes.map((change) => change.field).sort()).toEqual([
      'description',
      'name',
      'priority',
      'tags',
    ]);
    expect(codes(await updateJob(engine.ports, engine.user, late, { name: 'first' }))).toEqual([]);
    expect((await reader.audit(late, 0, 10)).rows).toHaveLength(1);
    const claimed = await engine.claim({ capacity: 1 });
    expect(claimed.map((attempt) => attempt.jobId)).toEqual([late]);
    await engine.report(claimed[0]!, 'FINISHED', [succeeded(0)]);
    expect(codes(await updateJob(engine.ports, engine.user, late, { priority: 1 }))).toEqual([
      'JOB_ALREADY_FINAL',
    ]);
    expect(codes(await updateJob(engine.ports, engine.user, late, { name: 'after all' }))).toEqual([]);
    expect(codes(await updateJob(engine.ports, as('VIEWER'), early, { name: 'x' }))).toEqual(['FORBIDDEN']);
    expect(codes(await updateJob(engine.ports, aUser(), early, { name: 'x' }))).toEqual(['NOT_FOUND']);
    expect(codes(await updateJob(engine.ports, engine.user, early, { name: ' ', tags: [''] }))).toHaveLength(
      2,
    );
    for (const attempt of await engine.claim()) await engine.report(attempt, 'FINISHED', [succeeded(0)]);
  });

  it('is deleted by the owner or the creator once it has ended, and leaves a tombstone', async () => {
    const open = await engine.submit();
    expect(codes(await deleteJob(engine.ports, engine.user, open))).toEqual(['JOB_NOT_FINAL']);
    const [attempt] = await engine.claim();
    await engine.report(attempt!, 'FINISHED', [succeeded(0)]);
    expect(codes(await deleteJob(engine.ports, as('MAINTAINER'), open))).toEqual(['FORBIDDEN']);
    expect(codes(await deleteJob(engine.ports, aUser(), open))).toEqual(['NOT_FOUND']);
    const { inputId } = await engine.job(open);
    expect(codes(await deleteJob(engine.ports, { ...as('MAINTAINER'), id: engine.user.id }, open))).toEqual(
      [],
    );
    for (const [table, column] of [
      ['job', 'id'],
      ['job_item', 'job_id'],
      ['attempt', 'job_id'],
      ['job_event', 'job_id'],
      ['ended_job', 'job_id'],
      ['open_job', 'job_id'],
      ['queue_entry', 'job_id'],
    ] as const)
      // prettier-ignore
      expect(await rowsOf(table, column, open)).toBe(0);
    expect(await rowsOf('job_input', 'id', inputId)).toBe(0);
    expect(await news(open)).toEqual([`job-record-changed:${open}:1`]);
    const reader = createRecordReader(engine.database);
    const page = { first: 10, after: undefined };
    const { rows } = await reader.deletedJobs(engine.user, {}, page);
    expect(rows[0]).toMatchObject({ id: open, state: 'SUCCEEDED', deletedBy: engine.user.id });
    expect((await reader.deletedJobs(aUser(), { organizationId: engine.organizationId }, page)).rows).toEqual(
      [],
    );
    expect(codes(await deleteJob(engine.ports, engine.user, open))).toEqual(['NOT_FOUND']);
  });

  it('stays while a retry holds its results, and its input while a retry has it', async () => {
    const id = await finalJob([succeeded(0), failed(1)]);
    const retried = await retryJob(engine.ports, engine.user, 'c', id, 'FAILED');
    if (!retried.ok) throw new Error('not retried');
    expect(codes(await deleteJob(engine.ports, engine.user, id))).toEqual(['CONFLICT']);
    for (const attempt of await engine.claim()) await engine.report(attempt, 'FINISHED', [succeeded(1)]);
    const { inputId } = await engine.job(id);
    expect(codes(await deleteJob(engine.ports, engine.user, retried.value.jobId))).toEqual([]);
    expect(await rowsOf('job_input', 'id', inputId)).toBe(1);
    expect(codes(await deleteJob(engine.ports, engine.user, id))).toEqual([]);
    expect(await rowsOf('job_input', 'id', inputId)).toBe(0);
  });

  it('takes its input along only with the last of those that share it, whoever is removed at the same time', async () => {
    const id = await finalJob([succeeded(0), failed(1)]);
    const { inputId } = await engine.job(id);
    expect(inputId).toBe(id);
    const retried: string[] = [];
    for (let n = 0; n < 3; n++) {
      const outcome = await retryJob(engine.ports, engine.user, 'c', id, 'ALL');
      if (!outcome.ok) throw new Error('not retried');
      retried.push(outcome.value.jobId);
    }
    for (const attempt of await engine.claim())
      await engine.report(attempt, 'FINISHED', [succeeded(0), succeeded(1)]);
    expect(codes(await deleteJob(engine.ports, engine.user, id))).toEqual([]);
    expect(await rowsOf('job_input', 'id', inputId)).toBe(1);
    const [first, second, third] = retried as [string, string, string];
    expect(codes(await deleteJob(engine.ports, engine.user, third))).toEqual([]);
    // The first is gone, but not yet committed, when the second is removed.
    const [removed, committing] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const one = engine.ports.transact(async (tx) => {
      const record = await tx.records.lock(first);
      await tx.records.delete(record!, 1, { kind: 'system', id: 'test' }, record!.now);
      removed.resolve();
      await committing.promise;
    });
    await removed.promise;
    let through = false;
    const other = deleteJob(engine.ports, engine.user, second).finally(() => (through = true));
    await eventually('the second one waits', async () => {
      const waiting = await engine.database.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return through || waiting.length > 0;
    });
    committing.resolve();
    await one;
    expect(codes(await other)).toEqual([]);
    expect(await rowsOf('job_input', 'id', inputId)).toBe(0);
  });

  it('is kept as it was changed, whatever another replica remembers', async () => {
    const id = await engine.submit({ maxAttempts: 2, priority: 1 });
    const [attempt] = await engine.claim();
    expect(engine.ports.recent.get(id)?.job.name).toBe('a job');
    const other: Ports = { ...engine.ports, recent: createRecentJobs() };
    const patch = { name: 'renamed', priority: 30, tags: ['new'] };
    expect(codes(await updateJob(other, engine.user, id, patch))).toEqual([]);
    await engine.report(attempt!, 'FINISHED', [failed(0)]);
    expect(await engine.job(id)).toMatchObject({ state: 'PENDING', ...patch });
    const queued = await engine.database.query('select priority from queue_entry where job_id = $1', [id]);
    expect(queued).toEqual([{ priority: 30 }]);
    const [told] = await engine.database.query<{ name: string }>(
      `select body::json -> 'payload' ->> 'name' as name from outbox where id like $1 order by position desc limit 1`,
      [`job-changed:${id}:%`],
    );
    expect(told?.name).toBe('renamed');
    // And from here what this replica remembers is new again.
    const [again] = await eventually('it can be claimed', async () => {
      const got = await engine.claim();
      return got.length > 0 && got;
    });
    expect(again?.jobName).toBe('renamed');
    await engine.report(again!, 'FINISHED', [succeeded(0)]);
    expect(await engine.job(id)).toMatchObject({ state: 'SUCCEEDED', ...patch });
  });

  it('moves in its lane while it waits, and is claimed there', async () => {
    const [first, second] = [await engine.submit(), await engine.submit()];
    const other: Ports = { ...engine.ports, recent: createRecentJobs() };
    expect(codes(await updateJob(other, engine.user, second, { priority: 9, name: 'ahead' }))).toEqual([]);
    expect(await engine.claim({ capacity: 1 })).toMatchObject([{ jobId: second, jobName: 'ahead' }]);
    expect(await engine.claim({ capacity: 1 })).toMatchObject([{ jobId: first }]);
    await engine.silence();
    await engine.database.query('delete from queue_entry');
  });

  it('stays in the lane and the limits of its organization until it has ended', async () => {
    const id = await engine.submit();
    const to = randomUUID();
    const giver = as('OWNER', [{ id: to, role: 'OWNER' }]);
    expect(codes(await transferJob(engine.ports, giver, id, to))).toEqual(['JOB_NOT_FINAL']);
    const [attempt] = await engine.claim();
    expect(attempt?.organizationId).toBe(engine.organizationId);
    await engine.report(attempt!, 'FINISHED', [succeeded(0)]);
    expect(codes(await transferJob(engine.ports, giver, id, to))).toEqual([]);
    const page = { first: 5, after: undefined };
    const ended = (actor: Actor) => engine.reader.jobs(actor, { organizationId: to }, page, 'LAST_ENDED');
    expect((await ended(giver)).rows.map((job) => job.id)).toEqual([id]);
    const lists = await Promise.all([
      engine.reader.jobs(engine.user, {}, { first: 100, after: undefined }),
      engine.reader.jobs(engine.user, {}, { first: 100, after: undefined }, 'LAST_ENDED'),
    ]);
    for (const { rows } of lists) expect(rows.map((job) => job.id)).not.toContain(id);
  });

  it('is given away with rights in both organizations', async () => {
    const id = await finalJob();
    const other = randomUUID();
    expect(codes(await transferJob(engine.ports, engine.user, id, other))).toEqual(['FORBIDDEN']);
    const giver = as('OWNER', [{ id: other, role: 'MAINTAINER' }]);
    expect(codes(await transferJob(engine.ports, as('MAINTAINER', [{ id: other, role: 'OWNER' }]), id, other))).toEqual(['FORBIDDEN']); // prettier-ignore
    expect(codes(await transferJob(engine.ports, giver, id, other))).toEqual([]);
    await expect(engine.job(id)).rejects.toThrow();
    expect((await engine.reader.job(giver, id))?.organizationId).toBe(other);
    expect(await news(id)).toEqual([`job-record-changed:${id}:1`]);
  });

  it('is deleted when its organization keeps it no longer, and only then', async () => {
    const [old, young] = [await finalJob(), await finalJob()];
    await engine.database.query('alter table job disable trigger job_final_guard');
    await engine.database.query(`update job set ended_at = ended_at - interval '8 days' where id = $1`, [
      old,
    ]);
    await engine.database.query('alter table job enable trigger job_final_guard');
    await engine.database.query(
      `update ended_job set ended_at = ended_at - interval '8 days' where job_id = $1`,
      [old],
    );
    expect(await deleteOutlived(engine.ports)).toBe(0);
    expect(codes(await setRetention(engine.ports, as('MAINTAINER'), engine.organizationId, 7))).toEqual([
      'FORBIDDEN',
    ]);
    expect(codes(await setRetention(engine.ports, engine.user, engine.organizationId, 0))).toEqual([
      'BAD_USER_INPUT',
    ]);
    expect(codes(await setRetention(engine.ports, engine.user, engine.organizationId, 7))).toEqual([]);
    expect(await createRecordReader(engine.database).retentionDays(engine.user, engine.organizationId)).toBe(
      7,
    );
    expect(await deleteOutlived(engine.ports)).toBe(1);
    expect([await rowsOf('job', 'id', old), await rowsOf('job', 'id', young)]).toEqual([0, 1]);
    expect(codes(await setRetention(engine.ports, engine.user, engine.organizationId, null))).toEqual([]);
  });
});

describe('a view', () => {
  it('is kept by name, seen by those it is shared with, and deleted by its owner', async () => {
    const [maintainer, viewer] = [as('MAINTAINER'), as('VIEWER')];
    const view = { organizationId: engine.organizationId, name: 'failed', shared: true, filter: { states: ['FAILED'] as const, submittedAfter: new Date(0) }, orderBy: 'LAST_ENDED' as const }; // prettier-ignore
    expect(codes(await saveView(engine.ports, viewer, view))).toEqual(['FORBIDDEN']);
    const saved = await saveView(engine.ports, maintainer, view);
    const again = await saveView(engine.ports, maintainer, { ...view, shared: false });
    if (!saved.ok || !again.ok) throw new Error('not saved');
    expect(again.value.id).toBe(saved.value.id);
    const reader = createRecordReader(engine.database);
    expect(await reader.view(viewer, saved.value.id)).toBeUndefined();
    await saveView(engine.ports, maintainer, view);
    expect(await reader.view(viewer, saved.value.id)).toMatchObject({
      filter: view.filter,
      orderBy: 'LAST_ENDED',
    });
    expect(await reader.view(aUser(), saved.value.id)).toBeUndefined();
    expect(codes(await deleteView(engine.ports, viewer, saved.value.id))).toEqual(['FORBIDDEN']);
    expect(codes(await deleteView(engine.ports, maintainer, saved.value.id))).toEqual([]);
    expect((await reader.views(maintainer, undefined, { first: 5, after: undefined })).rows).toEqual([]);
  });
});
