import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ScheduleRules } from '../domain/schedule/schedule.js';
import { checking } from '../testing/checks.js';
import { aVersion, startEngine, succeeded, type Engine } from '../testing/engine.js';
import {
  aDefinition,
  aSchedule,
  checks,
  codesOf,
  INPUTS,
  theRules,
  valueOf,
} from '../testing/stored-jobs.js';
import { deleteDefinition } from './delete-definition.js';
import { runDueSchedules, type SchedulerOptions } from './run-due-schedules.js';
import { runScheduleNow } from './run-schedule-now.js';
import { createSchedule, updateSchedule } from './save-schedule.js';
import { deleteSchedule, pauseSchedule, resumeSchedule } from './switch-schedule.js';

let engine: Engine;
let definitionId: string;
beforeAll(async () => {
  engine = await startEngine();
  definitionId = await aDefinition(engine, { name: 'scheduled' });
});

interface SlotRow {
  readonly planned: string;
  readonly outcome: string;
  readonly times: number;
  readonly jobId: string | null;
}

/** A whole hour that no schedule has seen yet; the scheduler's clock is set by hand. */
let hour: number;
beforeEach(() => {
  hour = Math.ceil(Date.now() / 3_600_000) * 3_600_000;
});
afterEach(() => engine.database.query('delete from schedule'));

const at = (hours: number, seconds = 0): Date => new Date(hour + hours * 3_600_000 + seconds * 1_000);
const stuck: string[] = [];
/** Tells when the next one is due. */
const run = async (now: Date, options: Partial<SchedulerOptions> = {}): Promise<Date | undefined> => {
  const untilNext = await runDueSchedules(engine.ports, checking, {
    most: 50,
    clock: () => now,
    stuck: (_id, error) => void stuck.push(String(error)),
    ...options,
  });
  return untilNext === undefined ? undefined : new Date(now.getTime() + untilNext);
};
const slots = async (scheduleId: string): Promise<SlotRow[]> =>
  (
    await engine.database.query<{ at: Date; outcome: string; times: number; jobId: string | null }>(
      `select planned_for as at, outcome, times, job_id as "jobId" from schedule_slot where schedule_id = $1 order by 1`,
      [scheduleId],
    )
  ).map(({ at: planned, ...row }) => ({ ...row, planned: `+${(planned.getTime() - hour) / 3_600_000}h` }));
const told = async (scheduleId: string): Promise<string[]> =>
  (await slots(scheduleId)).map(({ planned, outcome, times }) => `${planned} ${outcome} ${times}`);
const schedule = async (id: string) => {
  const found = await engine.ports.transact((tx) => tx.schedules.lock(id));
  if (found === undefined) throw new Error('no schedule');
  return found;
};
/** As if it had been made a minute before the hour, whatever the time is. */
async function aScheduleOf(rules: Partial<ScheduleRules> = {}): Promise<string> {
  const id = await aSchedule(engine, definitionId, rules);
  await engine.database.query('update schedule set decided_until = $2, next_run_at = $3 where id = $1', [
    id,
    at(0, -60),
    at(0),
  ]);
  return id;
}
const jobs = () => engine.database.query<{ n: number }>('select count(*) as n from job');

describe('a planned time', () => {
  it('starts a job that knows it, in the name of whoever set it up', async () => {
    const id = await aScheduleOf();
    expect(await run(at(0, -1))).toEqual(at(0));
    expect(await slots(id)).toEqual([]);
    expect(await run(at(0, 1))).toEqual(at(1));
    expect(await told(id)).toEqual(['+0h STARTED 1']);
    const job = await engine.job((await slots(id))[0]?.jobId as string);
    expect(job).toMatchObject({
      definitionId,
      definitionVersion: 1,
      plannedFor: at(0),
      createdBy: engine.user.id,
    });
    const { rows } = await engine.reader.timeline(job.id, 0, 1);
    expect(rows[0]?.actor).toEqual({ kind: 'system', id: `schedule:${id}` });
    const claimed = await engine.claim();
    expect(claimed.find((one) => one.jobId === job.id)?.plannedFor).toBe(at(0).toISOString());
    await run(at(0, 2));
    expect(await told(id)).toEqual(['+0h STARTED 1']);
  });

  it('starts once with two schedulers at once, again and again', async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, () => aScheduleOf()));
    for (const hours of [0, 1, 2]) await Promise.all([1, 2, 3].map(() => run(at(hours, 1))));
    for (const id of ids) expect(await told(id)).toEqual(['+0h STARTED 1', '+1h STARTED 1', '+2h STARTED 1']);
    const started = await engine.database.query(
      `select 1 from job j join schedule_slot x on x.job_id = j.id where x.schedule_id = any($1)`,
      [ids],
    );
    expect(started).toHaveLength(18);
    expect(stuck).toEqual([]);
  });

  it('is taken by the key alone where the lock did not hold', async () => {
    const id = await aScheduleOf();
    await run(at(0, 1));
    // As a scheduler would that has read the schedule before the other one committed.
    await engine.database.query(`update schedule set decided_until = $2, next_run_at = $3 where id = $1`, [
      id,
      at(0, -60),
      at(0),
    ]);
    const before = await jobs();
    await run(at(0, 2));
    expect(await told(id)).toEqual(['+0h STARTED 1']);
    expect(await jobs()).toEqual(before);
  });

  it('starts once when its scheduler dies before the commit', async () => {
    const id = await aScheduleOf();
    const before = await jobs();
    await run(at(0, 1), { beforeCommit: () => Promise.reject(new Error('killed')) });
    expect(stuck.splice(0)).toEqual(['Error: killed']);
    expect([await slots(id), await jobs()]).toEqual([[], before]);
    await run(at(0, 2));
    expect(await told(id)).toEqual(['+0h STARTED 1']);
  });

  it('of one schedule that cannot be decided holds up no other', async () => {
    const [bad, good] = [await aScheduleOf(), await aScheduleOf()];
    let calls = 0;
    await run(at(0, 1), {
      beforeCommit: () => (calls++ === 0 ? Promise.reject(new Error('poison')) : Promise.resolve()),
    });
    expect(stuck.splice(0)).toEqual(['Error: poison']);
    const outcomes = [await told(bad), await told(good)].map((one) => one.length).sort();
    expect(outcomes).toEqual([0, 1]);
  });
});

describe('while a run is not final', () => {
  const finish = async (): Promise<void> => {
    for (const attempt of await engine.claim({ capacity: 64 }))
      await engine.report(
        attempt,
        'FINISHED',
        attempt.items.map((item) => succeeded(item.index)),
      );
  };
  beforeEach(finish);

  it('ALLOW starts another', async () => {
    const id = await aScheduleOf();
    await run(at(0));
    await run(at(1));
    expect(await told(id)).toEqual(['+0h STARTED 1', '+1h STARTED 1']);
  });

  it('FORBID passes over, until it has ended', async () => {
    const id = await aScheduleOf({ concurrency: 'FORBID' });
    await run(at(0));
    await run(at(1));
    await finish();
    await run(at(2));
    expect(await told(id)).toEqual(['+0h STARTED 1', '+1h SKIPPED_OVERLAP 1', '+2h STARTED 1']);
  });

  it('REPLACE cancels it, and starts', async () => {
    const id = await aScheduleOf({ concurrency: 'REPLACE' });
    await run(at(0));
    await run(at(1));
    const [first, second] = await slots(id);
    expect((await engine.job(first?.jobId as string)).state).toBe('CANCELLED');
    expect((await engine.job(second?.jobId as string)).state).toBe('PENDING');
    await engine.claim({ capacity: 64 });
    await run(at(2));
    expect((await engine.job(second?.jobId as string)).state).toBe('CANCELLING');
  });

  it('run now does so whatever the policy, and also when it is paused', async () => {
    const id = await aScheduleOf({ concurrency: 'FORBID' });
    await run(at(0));
    await pauseSchedule(engine.ports, engine.user, id);
    const { jobId } = valueOf(await runScheduleNow(engine.ports, checks, engine.user, 'c', id));
    expect((await engine.job(jobId)).plannedFor).not.toBeNull();
    expect((await slots(id)).filter((one) => one.outcome === 'STARTED')).toHaveLength(2);
  });
});

describe('times that passed while nobody was there', () => {
  it('are made up for as the policy says, and told', async () => {
    const skip = await aScheduleOf({ missed: 'SKIP' });
    const one = await aScheduleOf({ missed: 'ONE' });
    const all = await aScheduleOf({ missed: 'ALL', missedLimit: 2 });
    await run(at(4, 1_800));
    expect(await told(skip)).toEqual(['+4h SKIPPED_MISSED 5']);
    expect(await told(one)).toEqual(['+3h SKIPPED_MISSED 4', '+4h STARTED 1']);
    expect(await told(all)).toEqual(['+2h SKIPPED_MISSED 3', '+3h STARTED 1', '+4h STARTED 1']);
    expect(await run(at(5, 1))).toEqual(at(6));
    expect((await told(skip)).at(-1)).toBe('+5h STARTED 1');
  });

  it('are none while it was paused, or had other rules', async () => {
    const id = await aScheduleOf();
    await pauseSchedule(engine.ports, engine.user, id);
    expect(await run(at(3))).toBeUndefined();
    await resumeSchedule(engine.ports, engine.user, id);
    expect(await schedule(id)).toMatchObject({ nextRunAt: at(0), pausedAt: null, pauseReason: null });
    valueOf(
      await updateSchedule(engine.ports, checks.typedInputs, engine.user, id, 1, (present) => ({
        ...present,
        cron: '30 * * * *',
        timeZone: 'asia/kolkata',
      })),
    );
    expect(await schedule(id)).toMatchObject({ timeZone: 'Asia/Kolkata', version: 2 });
    const touched = await schedule(id);
    valueOf(
      await updateSchedule(engine.ports, checks.typedInputs, engine.user, id, 2, (one) => ({ ...one })),
    );
    expect(await schedule(id)).toEqual(touched);
    const outcome = await updateSchedule(engine.ports, checks.typedInputs, engine.user, id, 1, (one) => one);
    expect(codesOf(outcome)).toEqual(['CONFLICT input.ifVersion']);
  });
});

describe('a schedule that cannot start', () => {
  it('says why, and goes on when that can be mended', async () => {
    const strict = await aDefinition(engine, { name: 'strict' });
    const id = await aSchedule(engine, strict, {});
    await engine.database.query(
      `insert into job_definition_version (definition_id, version, name, description, template, inputs, created_by, created_at)
        select definition_id, 2, name, description, template, $2::json, created_by, created_at
        from job_definition_version where definition_id = $1`,
      [strict, JSON.stringify(INPUTS)],
    );
    await engine.database.query('update job_definition set version = 2 where id = $1', [strict]);
    await run(at(0));
    expect(await told(id)).toEqual(['+0h REFUSED 1']);
    const [slot] = await engine.database.query<{ errors: { code: string; path: string[] }[] }>(
      'select errors from schedule_slot where schedule_id = $1',
      [id],
    );
    expect(slot?.errors).toMatchObject([
      { code: 'INPUT_SCHEMA_VIOLATION', path: ['input', 'inputs', 'day'] },
    ]);
    expect((await schedule(id)).nextRunAt).toEqual(at(1));
  });

  it('pauses itself when what it runs is no longer for its organization', async () => {
    const version = aVersion(engine.organizationId);
    await engine.ports.transact((tx) => tx.references.keepServiceVersion(version));
    const id = await aSchedule(
      engine,
      await aDefinition(engine, { name: 'lost', template: { serviceVersionId: version.id } }),
      {},
    );
    await engine.ports.transact((tx) =>
      tx.references.keepServiceVersion({ ...version, seq: 2, organizationId: aVersion('x').id }),
    );
    await run(at(0));
    expect(await told(id)).toEqual(['+0h REFUSED 1']);
    expect(await schedule(id)).toMatchObject({ pauseReason: 'ACCESS_LOST', nextRunAt: null });
  });

  it('pauses itself when its definition is deleted, and is not resumed', async () => {
    const gone = await aDefinition(engine, { name: 'gone' });
    const id = await aSchedule(engine, gone, {});
    await deleteDefinition(engine.ports, engine.user, gone);
    expect(await schedule(id)).toMatchObject({ pauseReason: 'DEFINITION_DELETED', nextRunAt: null });
    await run(at(0));
    expect(await slots(id)).toEqual([]);
    expect(codesOf(await resumeSchedule(engine.ports, engine.user, id))).toEqual(['CONFLICT input.id']);
    expect(codesOf(await runScheduleNow(engine.ports, checks, engine.user, 'c', id))).toEqual([
      'CONFLICT input.id',
    ]);
    expect(codesOf(await deleteSchedule(engine.ports, engine.user, id))).toEqual([]);
  });
});

it('is refused with everything that is wrong', async () => {
  const strict = await aDefinition(engine, { name: 'with inputs', inputs: INPUTS });
  const rules = theRules({ cron: '0 25 * * *', timeZone: 'Mars/Base', inputs: { depth: 0 }, missedLimit: 0 });
  const outcome = await createSchedule(engine.ports, checks.typedInputs, engine.user, strict, rules);
  expect(codesOf(outcome).sort()).toEqual([
    'BAD_USER_INPUT input.cron',
    'BAD_USER_INPUT input.missedRunLimit',
    'BAD_USER_INPUT input.timeZone',
    'INPUT_SCHEMA_VIOLATION input.inputs.day',
    'INPUT_SCHEMA_VIOLATION input.inputs.depth',
  ]);
});
