import { expect, it } from 'vitest';
import { parseCron } from './cron-expression.js';
import { dueTimes, type Schedule } from './schedule.js';
import { parseTimeZone } from './time-zone.js';

type Rules = Pick<Schedule, 'missed' | 'missedLimit' | 'startingDeadlineSeconds'>;

function due(cron: string, since: string, now: string, rules: Partial<Rules>) {
  const [expression, zone] = [parseCron(cron), parseTimeZone('UTC')];
  if (!expression.ok || !zone.ok) throw new Error('refused');
  const given = { missed: 'ONE', missedLimit: 1, startingDeadlineSeconds: 60, ...rules } as const;
  const { start, missed } = dueTimes(
    { ...given, decidedUntil: new Date(`${since}Z`) },
    expression.value,
    zone.value,
    new Date(`${now}Z`),
  );
  const told = (date: Date): string => date.toISOString().slice(0, 16);
  return { start: start.map(told), missed: missed === null ? null : [told(missed.last), missed.times] };
}

const hours = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, n) => `2026-01-01T${String(from + n).padStart(2, '0')}:00`);
const SINCE = '2026-01-01T00:00:05';

it('on time, each policy starts what is due', () => {
  for (const missed of ['SKIP', 'ONE', 'ALL'] as const)
    expect(due('0 * * * *', SINCE, '2026-01-01T01:00:01', { missed })).toEqual({
      start: hours(1, 1),
      missed: null,
    });
  expect(due('0 * * * *', SINCE, '2026-01-01T00:59:59', {})).toEqual({ start: [], missed: null });
});

it('after five hours away, with the last on time', () => {
  const at = (rules: Partial<Rules>) => due('0 * * * *', SINCE, '2026-01-01T05:00:30', rules);
  expect(at({ missed: 'SKIP' })).toEqual({ start: hours(5, 5), missed: [hours(4, 4)[0], 4] });
  expect(at({ missed: 'ONE' })).toEqual({ start: hours(5, 5), missed: [hours(4, 4)[0], 4] });
  expect(at({ missed: 'ALL', missedLimit: 2 })).toEqual({ start: hours(3, 5), missed: [hours(2, 2)[0], 2] });
  expect(at({ missed: 'ALL', missedLimit: 50 })).toEqual({ start: hours(1, 5), missed: null });
});

it('after five hours away, with all too late', () => {
  const at = (rules: Partial<Rules>) => due('0 * * * *', SINCE, '2026-01-01T05:30', rules);
  expect(at({ missed: 'SKIP' })).toEqual({ start: [], missed: [hours(5, 5)[0], 5] });
  expect(at({ missed: 'ONE' })).toEqual({ start: hours(5, 5), missed: [hours(4, 4)[0], 4] });
  expect(at({ missed: 'ALL', missedLimit: 2 })).toEqual({ start: hours(4, 5), missed: [hours(3, 3)[0], 3] });
  expect(at({ missed: 'SKIP', startingDeadlineSeconds: 1_800 }).start).toEqual(hours(5, 5));
});

it('after years away it is the last ones all the same, at once', () => {
  const startedAt = performance.now();
  const { start, missed } = due('* * * * *', '2024-01-01T00:00', '2026-01-01T05:00:30', {
    missed: 'ALL',
    missedLimit: 100,
  });
  expect([start.length, start[0], start.at(-1)]).toEqual([101, '2026-01-01T03:20', '2026-01-01T05:00']);
  expect(missed).toEqual(['2026-01-01T03:19', 899]);
  expect(performance.now() - startedAt).toBeLessThan(500);
});
