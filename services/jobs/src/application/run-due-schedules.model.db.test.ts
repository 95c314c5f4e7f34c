// Whatever is away for how long, whoever dies, however many there are: every planned time is decided once.
import fc from 'fast-check';
import { checking } from '../testing/checks.js';
import { beforeAll, expect, it } from 'vitest';
import { parseCron } from '../domain/schedule/cron-expression.js';
import { plannedTimesBetween } from '../domain/schedule/planned-times.js';
import { CONCURRENCY_POLICIES, MISSED_POLICIES, type ScheduleRules } from '../domain/schedule/schedule.js';
import { parseTimeZone } from '../domain/schedule/time-zone.js';
import { startEngine, type Engine } from '../testing/engine.js';
import { aDefinition, aSchedule, valueOf } from '../testing/stored-jobs.js';
import { runDueSchedules } from './run-due-schedules.js';

let engine: Engine;
let definitionId: string;
beforeAll(async () => {
  engine = await startEngine();
  definitionId = await aDefinition(engine, { name: 'modelled' });
});

const MINUTE = 60_000;
/** The day before the clocks go back in Paris. */
const START = Date.UTC(2028, 9, 28, 12);

interface Step {
  readonly minutes: number;
  readonly schedulers: number;
  readonly dies: boolean;
}

const rules = fc.record({
  cron: fc.constantFrom('*/20 * * * *', '0 * * * *', '30 2 * * *', '*/30 1-3 * * *', '5 0 29 10 SUN'),
  timeZone: fc.constantFrom('Europe/Paris', 'UTC', 'Australia/Lord_Howe'),
  concurrency: fc.constantFrom(...CONCURRENCY_POLICIES),
  missed: fc.constantFrom(...MISSED_POLICIES),
  missedLimit: fc.integer({ min: 1, max: 5 }),
  startingDeadlineSeconds: fc.constantFrom(1, 300, 7_200),
}) satisfies fc.Arbitrary<Omit<ScheduleRules, 'inputs'>>;
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    minutes: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 60, max: 2_000 })),
    schedulers: fc.integer({ min: 1, max: 3 }),
    dies: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);

interface SlotRow {
  readonly at: Date;
  readonly outcome: string;
  readonly times: number;
  readonly jobId: string | null;
  readonly plannedFor: Date | null;
}

it('decides every planned time once, and starts one job for each that it starts', async () => {
  await fc.assert(
    fc.asyncProperty(rules, steps, async (given, taken) => {
      await engine.database.query('delete from schedule');
      const id = await aSchedule(engine, definitionId, given);
      await engine.database.query('update schedule set decided_until = $1, next_run_at = $1', [
        new Date(START),
      ]);
      let now = START;
      for (const { minutes, schedulers, dies } of taken) {
        now += minutes * MINUTE;
        let alive = !dies;
        const run = () =>
          runDueSchedules(engine.ports, checking, {
            most: 10,
            clock: () => new Date(now),
            beforeCommit: () => {
              if (alive) return Promise.resolve();
              alive = true;
              return Promise.reject(new Error('killed'));
            },
            stuck: (_id, error) => expect(String(error)).toContain('killed'),
          });
        await Promise.all(Array.from({ length: schedulers }, run));
        await run();
      }
      const slots = await engine.database.query<SlotRow>(
        `select x.planned_for as at, x.outcome, x.times, x.job_id as "jobId", j.planned_for as "plannedFor"
          from schedule_slot x left join job j on j.id = x.job_id where x.schedule_id = $1 order by 1`,
        [id],
      );
      const planned = plannedTimesBetween(
        valueOf(parseCron(given.cron)),
        valueOf(parseTimeZone(given.timeZone)),
        START,
        now,
        Infinity,
      );
      expect(slots.reduce((sum, slot) => sum + slot.times, 0)).toBe(planned.length);
      for (const { at, outcome, jobId, plannedFor } of slots) {
        expect(planned).toContain(at.getTime());
        expect([outcome, jobId !== null, plannedFor?.getTime()]).toEqual([
          outcome,
          outcome === 'STARTED',
          outcome === 'STARTED' ? at.getTime() : undefined,
        ]);
      }
      const [jobs] = await engine.database.query<{ n: number; open: number }>(
        `select count(*) as n, count(*) filter (where ended_at is null) as open from job where job.id in
          (select job_id from schedule_slot where schedule_id = $1)`,
        [id],
      );
      const started = slots.filter((slot) => slot.outcome === 'STARTED').length;
      expect(jobs?.n).toBe(started);
      // Nobody runs them here: of one schedule at most one is open unless it allows more.
      expect(jobs?.open).toBe(given.concurrency === 'ALLOW' ? started : Math.min(started, 1));
    }),
    { numRuns: 60 },
  );
}, 60_000);
