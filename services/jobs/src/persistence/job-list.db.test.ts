import { randomUUID } from 'node:crypto';
import type { ItemReport, JobState } from '@weft/contracts';
import { aUser, eventually } from '@weft/testkit';
import { describe, expect, it } from 'vitest';
import { cancelJob } from '../application/cancel-job.js';
import type { JobFilter, JobOrder } from '../application/job-list.js';
import { failed, startEngine, succeeded, type Engine } from '../testing/engine.js';
import { createJobList } from './job-list.js';
import { HowJobsEnded1763000000015 } from './migrations/0015-how-jobs-ended.js';

const LOOKED_AT = 1_000;

/** Copies of an open job: the n-th a minute older than the one before, changed as `change` says. */
const multiply = (engine: Engine, id: string, copies: number, change: string): Promise<unknown> =>
  engine.database.query(
    `with copies as (insert into job select (jsonb_populate_record(j, jsonb_build_object('id', gen_random_uuid(), 'claimable_at', null,
        'submitted_at', date_trunc('milliseconds', j.submitted_at) - n * interval '1 minute') || ${change})).*
      from job j, generate_series(1, ${copies}) n where j.id = $1 returning *)
    insert into open_job select organization_id, submitted_at, id, false from copies`,
    [id],
  );

async function everything(
  engine: Engine,
  filter: JobFilter,
  order: JobOrder,
  first = 2,
  goesOnMs = 0,
): Promise<string[][]> {
  const pages: string[][] = [];
  let after: (string | number)[] | undefined;
  const list = createJobList(engine.database, LOOKED_AT, goesOnMs);
  for (let count = 0; count < 50; count++) {
    const { rows, hasNextPage, end } = await list.page(engine.user, filter, order, { first, after });
    pages.push(rows.map((row) => row.name));
    if (!hasNextPage) return pages;
    after = end && [end[0] instanceof Date ? end[0].toISOString() : end[0], end[1]];
  }
  throw new Error('the list does not end');
}

describe('jobs', () => {
  it('are found by phase, kind, tag, user, text and time', async () => {
    const engine = await startEngine();
    await engine.submit({ name: 'Alpha 100% run', tags: ['red', 'big'] });
    const [attempt] = await engine.claim();
    await engine.report(attempt!, 'FINISHED', [succeeded(0)]);
    await engine.submit({ name: 'beta run', tags: ['red'] });
    const names = async (filter: JobFilter) => (await everything(engine, filter, 'NEWEST')).flat();
    expect(await names({ tags: ['red'] })).toEqual(['beta run', 'Alpha 100% run']);
    expect(await names({ tags: ['red', 'big'] })).toEqual(['Alpha 100% run']);
    expect(await names({ text: 'RUN alpha' })).toEqual(['Alpha 100% run']);
    expect(await names({ text: 'big' })).toEqual(['Alpha 100% run']);
    expect(await names({ text: '100%' })).toEqual(['Alpha 100% run']);
    expect(await names({ text: 'b_ta' })).toEqual([]);
    expect(await names({ states: ['PENDING'] })).toEqual(['beta run']);
    expect(await names({ kinds: ['COMMAND'] })).toEqual([]);
    expect(await names({ createdBy: engine.user.id, kinds: ['MANAGED_SERVICE'] })).toHaveLength(2);
    expect(await names({ createdBy: randomUUID() })).toEqual([]);
    expect(await names({ endedAfter: new Date(Date.now() - 60_000) })).toEqual(['Alpha 100% run']);
    expect(await names({ startedBefore: new Date(Date.now() - 60_000) })).toEqual([]);
    const stranger = { ...engine.user, organizations: [{ id: randomUUID(), role: 'OWNER' as const }] };
    const found = await engine.reader.jobs(stranger, { text: 'run' }, { first: 5, after: undefined });
    expect(found.rows).toEqual([]);
  });

  it('are paged in every order without a gap or repetition', async () => {
    const engine = await startEngine();
    for (const [name, priority] of [
      ['a', 1],
      ['b', 5],
      ['c', 5],
      ['d', -1],
      ['e', 9],
    ] as const)
      // prettier-ignore
      await engine.submit({ name, priority });
    const order = async (by: JobOrder) => (await everything(engine, {}, by)).flat().join('');
    expect(await order('NEWEST')).toBe('edcba');
    expect(await order('OLDEST')).toBe('abcde');
    expect(await order('LAST_ENDED')).toBe('');
    for (const attempt of await engine.claim({ capacity: 2 }))
      await engine.report(attempt, 'FINISHED', [succeeded(0)]);
    expect([...(await order('LAST_ENDED'))].sort()).toHaveLength(2);
  });

  it('are found by state wherever they are in their life, also between two slices', async () => {
    const engine = await startEngine();
    const found = async (...states: JobState[]) =>
      (await everything(engine, { states }, 'NEWEST')).flat().join();
    const end = async (name: string, ...reports: ItemReport[]) => {
      const id = await engine.submit({ name, items: reports.map(() => null) });
      for (const one of await engine.claim())
        if (one.jobId === id) await engine.report(one, 'FINISHED', reports);
    };
    await end('good', succeeded(0));
    await end('half', succeeded(0), failed(1));
    await end('bad', failed(0));
    const between = await engine.submit({ name: 'between', items: [null, null, null] });
    const [slice] = await engine.claim({ capacity: 1 });
    await engine.report(slice!, 'FINISHED', [succeeded(0), succeeded(1)]);
    expect((await engine.job(between)).state).toBe('IN_PROGRESS');
    expect(await found('IN_PROGRESS')).toBe('between');
    await engine.claim();
    const claimed = await engine.submit({ name: 'claimed' });
    await engine.claim({ start: false });
    const gone = await engine.submit({ name: 'gone' });
    await cancelJob(engine.ports, engine.user, gone);
    await engine.submit({ name: 'waiting' });
    expect(await found('PENDING')).toBe('waiting');
    expect(await found('DEQUEUED')).toBe('claimed');
    expect(await found('DEQUEUED', 'IN_PROGRESS', 'CANCELLING')).toBe('claimed,between');
    expect(await found('PENDING', 'IN_PROGRESS')).toBe('waiting,between');
    expect(await found('FAILED')).toBe('bad,half');
    expect(await found('CANCELLED')).toBe('gone');
    expect(await found('SUCCEEDED')).toBe('good');
    expect(await found('FAILED', 'PENDING')).toBe('waiting,bad,half');
    expect((await everything(engine, { states: ['PENDING'] }, 'LAST_ENDED')).flat()).toEqual([]);
    expect((await everything(engine, {}, 'LAST_ENDED')).flat()).toEqual(['gone', 'bad', 'half', 'good']);
    await cancelJob(engine.ports, engine.user, claimed);
    expect(await found('CANCELLING')).toBe('claimed');
    const stranger = { ...engine, user: aUser() };
    for (const states of [['IN_PROGRESS'], ['PENDING'], ['FAILED']] as JobState[][])
      expect((await everything(stranger, { states }, 'NEWEST')).flat()).toEqual([]);
  });

  it('are told open or ended as their rows say, whatever they went through', async () => {
    const engine = await startEngine();
    const id = await engine.submit({ maxAttempts: 2 });
    const round = async (report: ItemReport) => {
      const [attempt] = await eventually('it can be claimed', async () => {
        const got = await engine.claim();
        return got.length > 0 && got;
      });
      await engine.report(attempt!, 'FINISHED', [report]);
    };
    const listed = async () =>
      (
        await engine.database.query(
          `select (select count(*) from open_job where job_id = $1) as open, (select count(*) from ended_job where job_id = $1) as ended`,
          [id],
        )
      )[0];
    await round(failed(0));
    expect(await listed()).toEqual({ open: 1, ended: 0 });
    await round(succeeded(0));
    expect(await listed()).toEqual({ open: 0, ended: 1 });
  });

  it('take steps without a new entry in any index of theirs', async () => {
    const engine = await startEngine();
    await engine.submit();
    const [attempt] = await engine.claim({ start: false });
    await engine.report(attempt!, 'STARTED');
    await engine.report(attempt!, 'FINISHED', [succeeded(0)]);
    const [updates] = await eventually('the statistics are there', async () => {
      await engine.database.query('select pg_stat_force_next_flush()');
      const rows = await engine.database.query<{ all: number; hot: number }>(
        `select n_tup_upd as all, n_tup_hot_upd as hot from pg_stat_user_tables where relname = 'job'`,
      );
      return rows[0]?.all === 3 && rows;
    });
    expect(updates).toEqual({ all: 3, hot: 3 });
  });

  it('that no index finds are looked for within a bound, and the next page goes on from there', async () => {
    const engine = await startEngine();
    const id = await engine.submit({ name: 'needle' });
    await multiply(
      engine,
      id,
      LOOKED_AT + 100,
      `jsonb_build_object('name', case when n = ${LOOKED_AT + 50} then 'old needle' else 'hay' end)`,
    );
    const pages = await everything(engine, { text: 'needle' }, 'NEWEST', 5);
    expect(pages).toEqual([['needle'], ['old needle']]);
    expect(await everything(engine, { text: 'needle' }, 'NEWEST', 5, 60_000)).toEqual([
      ['needle', 'old needle'],
    ]);
    expect(await everything(engine, { text: 'needle' }, 'NEWEST', 1, 60_000)).toEqual([
      ['needle'],
      ['old needle'],
    ]);
  });

  it('that failed or were cancelled are found in the order of their ends, however much succeeded since', async () => {
    const engine = await startEngine();
    const ids = [];
    for (const name of ['bad', 'worse', 'gone', 'good']) ids.push(await engine.submit({ name }));
    await cancelJob(engine.ports, engine.user, ids[2]!);
    for (const one of await engine.claim())
      await engine.report(one, 'FINISHED', [one.jobId === ids[3] ? succeeded(0) : failed(0)]);
    await engine.database.query(
      `with copies as (insert into job select (jsonb_populate_record(j, jsonb_build_object('id', gen_random_uuid()))).*
          from job j, generate_series(1, ${LOOKED_AT + 50}) n where j.id = $1 returning *)
        insert into ended_job select organization_id, ended_at + interval '1 minute', id from copies`,
      [ids[3]],
    );
    const failures = await everything(engine, { states: ['FAILED'] }, 'LAST_ENDED', 5);
    expect(failures.map((page) => page.toSorted())).toEqual([['bad', 'worse']]);
    expect(await everything(engine, { states: ['CANCELLED'] }, 'LAST_ENDED', 5)).toEqual([['gone']]);
    // Those that ended before the index came are in it.
    const migration = new HowJobsEnded1763000000015();
    const runner = engine.database.dataSource.createQueryRunner();
    await migration.down(runner);
    await migration.up(runner);
    await runner.release();
    expect(await everything(engine, { states: ['FAILED'] }, 'LAST_ENDED', 5)).toEqual(failures);
    expect(await everything(engine, { states: ['CANCELLED'] }, 'LAST_ENDED', 5)).toEqual([['gone']]);
  });

  it('of several organizations keep their order although one is left behind at its bound', async () => {
    const engine = await startEngine();
    const other = randomUUID();
    const id = await engine.submit({ name: 'needle' });
    const user = {
      ...engine.user,
      organizations: [...engine.user.organizations, { id: other, role: 'VIEWER' as const }],
    };
    const share = LOOKED_AT / 2;
    await multiply(
      engine,
      id,
      share + 10,
      `jsonb_build_object('name', case when n = ${share + 5} then 'third' else 'hay' end)`,
    );
    await multiply(
      engine,
      id,
      1,
      `jsonb_build_object('name', 'second needle', 'organization_id', '${other}')`,
    );
    await multiply(
      engine,
      id,
      1,
      `jsonb_build_object('name', 'needle, the last', 'organization_id', '${other}', 'submitted_at', j.submitted_at - interval '1000 days')`,
    );
    const pages = await everything({ ...engine, user }, { text: 'needle' }, 'NEWEST', 5);
    expect(pages).toEqual([['needle', 'second needle'], ['needle, the last']]);
    expect((await everything({ ...engine, user }, { text: 'third' }, 'NEWEST', 5)).flat()).toEqual(['third']);
  });
});

describe('summaries', () => {
  it('count by every key and tell of durations', async () => {
    const engine = await startEngine();
    for (const name of ['a', 'b', 'c']) await engine.submit({ name });
    const [attempt] = await engine.claim({ capacity: 1 });
    await engine.report(attempt!, 'FINISHED', [succeeded(0)]);
    const { counts, durations } = engine.reader;
    expect(await counts(engine.user, {}, 'PHASE')).toEqual({
      groups: [
        { key: 'WAITING', count: 2 },
        { key: 'SUCCEEDED', count: 1 },
      ],
      counted: 3,
      complete: true,
    });
    const today = new Date().toISOString().slice(0, 10);
    for (const [by, key] of [
      ['KIND', 'MANAGED_SERVICE'],
      ['TARGET', 'local-process'],
      ['DAY', today],
      ['ORGANIZATION', engine.organizationId],
      ['DEFINITION', ''],
    ] as const)
      // prettier-ignore
      expect((await counts(engine.user, {}, by)).groups).toEqual([{ key, count: 3 }]);
    expect((await counts(engine.user, { states: ['SUCCEEDED'], text: 'zzz' }, 'STATE')).counted).toBe(0);
    await engine.database.query(`alter table job disable trigger job_final_guard`);
    await engine.database.query(
      `update job set submitted_at = now(), started_at = now() + interval '2 s', ended_at = now() + interval '5 s' where state = 'SUCCEEDED'`,
    );
    const told = await durations(engine.user, {});
    expect(told.queue).toEqual({ jobs: 1, p50Seconds: 2, p95Seconds: 2, maxSeconds: 2 });
    expect(told.run).toMatchObject({ jobs: 1, p50Seconds: 3 });
    expect((await durations(engine.user, { states: ['PENDING'] })).run).toBeUndefined();
  });
});
