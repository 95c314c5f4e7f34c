import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { slowPlannedTimes, watchZone, type Named, type WatchedStretch } from '../../testing/slow-clock.js';
import { parseCron, type CronExpression } from './cron-expression.js';
import { lastPlannedTimes, nextPlannedTime, nextPlannedTimes, plannedTimesBetween } from './planned-times.js';
import { parseTimeZone, type TimeZone } from './time-zone.js';

const FROM = Date.UTC(2024, 0, 1);
const UNTIL = Date.UTC(2033, 0, 1);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const cron = (text: string): CronExpression => {
  const parsed = parseCron(text);
  if (!parsed.ok) throw new Error(parsed.errors[0]?.message);
  return parsed.value;
};
const zoneOf = (name: string): TimeZone => {
  const parsed = parseTimeZone(name);
  if (!parsed.ok) throw new Error(parsed.errors[0]?.message);
  return parsed.value;
};
const utc = (instant: number): string => new Date(instant).toISOString().slice(0, 16);
const runs = (text: string, zone: string, day: string): string[] =>
  plannedTimesBetween(
    cron(text),
    zoneOf(zone),
    Date.parse(`${day}T00:00Z`) - 1,
    Date.parse(`${day}T00:00Z`) + DAY - 1,
    100,
  ).map((one) => utc(one).slice(11));

describe('the days of the change, in Paris', () => {
  const spring = '2026-03-29';
  const autumn = '2026-10-25';
  it.each([
    ['a daily time that is leapt over runs at the leap', '30 2 * * *', spring, ['01:00']],
    ['a daily time that comes twice runs the first time', '30 2 * * *', autumn, ['00:30']],
    ['times leapt over together run together', '*/20 2 * * *', spring, ['01:00']],
    ['also with one at the leap itself', '0 2,3 * * *', spring, ['01:00']],
    ['times of an hour that comes twice run the first time', '*/30 2 * * *', autumn, ['00:00', '00:30']],
    ['every other hour keeps to the wall', '0 */6 * * *', autumn, ['05:00', '11:00', '17:00', '23:00']],
  ])('%s', (_what, text, day, expected) => {
    expect(runs(text, 'Europe/Paris', day)).toEqual(expected);
  });
  it('an hourly job runs once in each real hour on both', () => {
    const hours = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, '0')}:00`);
    expect(runs('0 * * * *', 'Europe/Paris', spring)).toEqual(hours);
    expect(runs('0 * * * *', 'Europe/Paris', autumn)).toEqual(hours);
    expect(runs('*/30 * * * *', 'Europe/Paris', autumn)).toHaveLength(48);
  });
});

it('a zone that changes by half an hour, and one that leaves out a day', () => {
  expect(runs('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03')).toEqual(['15:30']);
  expect(runs('45 1 * * *', 'Australia/Lord_Howe', '2026-04-04')).toEqual(['14:45']);
  expect(runs('0 9 30 12 *', 'Pacific/Apia', '2011-12-30')).toEqual(['10:00']);
  expect(runs('0 9 * * *', 'Pacific/Apia', '2011-12-30')).toEqual(['10:00', '19:00']);
  expect(runs('0 * 30 12 *', 'Pacific/Apia', '2011-12-30')).toEqual([]);
});

it('zones are written as IANA writes them, and nothing else is one', () => {
  expect(zoneOf('europe/paris').id).toBe('Europe/Paris');
  expect(zoneOf('Asia/Kolkata').id).toBe('Asia/Kolkata');
  expect(zoneOf('utc').id).toBe('UTC');
  for (const name of [
    '+02:00',
    'Foo/Bar',
    '',
    'Europe',
    'Europe/Paris\0',
    'x'.repeat(1_000),
    '../etc/passwd',
  ])
    expect(parseTimeZone(name, 'input', 'timeZone')).toMatchObject({
      ok: false,
      errors: [{ code: 'BAD_USER_INPUT', path: ['input', 'timeZone'] }],
    });
});

it('five rare runs are known in milliseconds', () => {
  const startedAt = performance.now();
  const times = nextPlannedTimes(cron('0 2 29 2 *'), zoneOf('Europe/Berlin'), Date.UTC(2026, 0, 1), 5);
  expect(times.map((one) => utc(one).slice(0, 4))).toEqual(['2028', '2032', '2036', '2040', '2044']);
  expect(performance.now() - startedAt).toBeLessThan(250);
});

describe('all zones, 2024 to 2032', () => {
  /** One zone for each way in which clocks go. */
  const kinds = new Map<string, { zone: string; stretches: WatchedStretch[] }>();
  const all: { zone: string; stretches: WatchedStretch[] }[] = [];
  beforeAll(() => {
    for (const zone of [...Intl.supportedValuesOf('timeZone'), 'UTC', 'Asia/Kolkata', 'US/Pacific']) {
      const stretches = watchZone(zone, FROM - 3 * DAY, UNTIL + 3 * DAY);
      all.push({ zone, stretches });
      const kind = JSON.stringify(stretches);
      if (!kinds.has(kind)) kinds.set(kind, { zone, stretches });
    }
  });

  it('know the same offsets as Intl', () => {
    expect(all.length).toBeGreaterThan(400);
    for (const { zone, stretches } of all) {
      const known = zoneOf(zone);
      for (const [index, { from, offset }] of stretches.entries()) {
        expect([zone, utc(from), known.stretchAt(from).offset]).toEqual([zone, utc(from), offset]);
        if (index === 0) continue;
        expect([zone, known.stretchAt(from).start]).toEqual([zone, from]);
        expect([zone, known.stretchAt(from - 1).end]).toEqual([zone, from]);
      }
    }
  });

  it.each(['30 2 * * *', '59 23 * * *'])('run %s once a day', (text) => {
    for (const { zone } of kinds.values()) {
      const known = zoneOf(zone);
      const times = plannedTimesBetween(cron(text), known, FROM - 1, UNTIL - 1, Infinity);
      expect([zone, Math.abs(times.length - (UNTIL - FROM) / DAY) <= 1]).toEqual([zone, true]);
      // A day apart but for the change; never two runs for one time, never a day without.
      for (let index = 1; index < times.length; index++) {
        const apart = (times[index] as number) - (times[index - 1] as number);
        expect([zone, apart >= DAY - 3 * HOUR && apart <= DAY + 3 * HOUR]).toEqual([zone, true]);
      }
    }
  });

  const field = (min: number, max: number) =>
    fc.option(fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 5 }), {
      nil: undefined,
    });
  const named: fc.Arbitrary<Named> = fc.record({
    minutes: field(0, 59),
    // Most changes are in the first hours of the day.
    hours: fc.option(
      fc.uniqueArray(
        fc.integer({ min: 0, max: 23 }).map((n) => (n > 12 ? n % 4 : n)),
        { minLength: 1 },
      ),
      { nil: undefined, freq: 3 },
    ),
    days: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 31 }), { minLength: 5, maxLength: 25 }), {
      nil: undefined,
    }),
    months: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 6, maxLength: 11 }), {
      nil: undefined,
    }),
    weekdays: fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 6 }), {
      nil: undefined,
    }),
  });
  const textOf = ({ minutes, hours, days, months, weekdays }: Named): string =>
    [minutes, hours, days, months, weekdays].map((one) => one?.join(',') ?? '*').join(' ');

  it('run around every change what a clock watched minute by minute says', () => {
    const expressions = fc.sample(named, { numRuns: 8, seed: 1 });
    for (const { zone, stretches } of kinds.values()) {
      for (const { from } of stretches.slice(1)) {
        for (const what of expressions) {
          const text = textOf(what);
          const known = plannedTimesBetween(
            cron(text),
            zoneOf(zone),
            from - DAY - 1,
            from + DAY - 1,
            Infinity,
          );
          expect([zone, text, ...known.map(utc)]).toEqual([
            zone,
            text,
            ...slowPlannedTimes(what, stretches, from - DAY, from + DAY).map(utc),
          ]);
        }
      }
    }
  });

  it('agree with it from any instant, one by one and in whatever pieces', () => {
    const zones = [...kinds.values()];
    const changing = zones.filter((one) => one.stretches.length > 1);
    const somewhere = fc
      .tuple(fc.constantFrom(...zones), fc.nat(), fc.integer({ min: -2 * DAY, max: DAY }), fc.boolean())
      .chain(([any, pick, near, atChange]) => {
        const place = atChange ? (changing[pick % changing.length] as typeof any) : any;
        const changes = place.stretches.slice(1);
        const change = changes[pick % Math.max(1, changes.length)]?.from ?? FROM + 100 * DAY;
        return fc.constant({ ...place, start: Math.max(FROM, change + near) });
      });
    fc.assert(
      fc.property(
        somewhere,
        named,
        fc.integer({ min: 1, max: 9 }),
        ({ zone, stretches, start }, what, most) => {
          const [expression, known] = [cron(textOf(what)), zoneOf(zone)];
          const until = Math.min(start + 4 * DAY, UNTIL);
          const slow = slowPlannedTimes(what, stretches, start + 1, until + 1);
          expect(plannedTimesBetween(expression, known, start, until, Infinity)).toEqual(slow);
          expect(lastPlannedTimes(expression, known, start, until, most)).toEqual(slow.slice(-most));
          const next = nextPlannedTime(expression, known, start);
          if (slow[0] === undefined) expect(next).toBeGreaterThan(until);
          else {
            expect(next).toBe(slow[0]);
            // From anywhere before it, it is the next one too.
            expect(nextPlannedTime(expression, known, Math.floor((start + next) / 2))).toBe(next);
            expect(nextPlannedTime(expression, known, next - 1)).toBe(next);
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});
