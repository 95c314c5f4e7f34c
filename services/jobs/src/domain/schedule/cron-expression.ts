// A cron expression of five fields at the granularity of a minute, and the wall-clock times that it names.
// Pure arithmetic on a clock without a zone; what a zone does to it is planned-times.ts.
import { done, refused, userError, type Outcome } from '@weft/errors';
import {
  CronFieldError,
  DAY_OF_MONTH,
  DAY_OF_WEEK,
  HOUR,
  MINUTE,
  MONTH,
  parseField,
  type FieldRules,
} from './cron-field.js';

export const MAX_CRON = 200;

const ALIASES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const FIELDS = [MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK] as const;
const LONGEST_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A time on a clock on the wall, in milliseconds as if the clock showed UTC. Always a whole minute here. */
export type WallTime = number;

export interface CronExpression {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** The hour field names every hour: the expression speaks of intervals, not of times of day. */
  readonly everyHour: boolean;
  /** Whether it names this day. */
  readonly onDay: (date: Date) => boolean;
  readonly months: ReadonlySet<number>;
}

/** @param path where the expression stands in the input. */
export function parseCron(text: string, ...path: string[]): Outcome<CronExpression> {
  try {
    return done(parse(text));
  } catch (error) {
    if (!(error instanceof CronFieldError)) throw error;
    return refused(userError('BAD_USER_INPUT', `The cron expression is wrong. ${error.message}`, ...path));
  }
}

function parse(given: string): CronExpression {
  const text = given.trim();
  if (text.length > MAX_CRON)
    throw new CronFieldError('expression', `it has more than ${MAX_CRON} characters.`);
  const fields = fieldsOf(text);
  const read = (index: number): number[] => parseField(fields[index] as string, FIELDS[index] as FieldRules);
  const minutes = read(0);
  const hours = read(1);
  const { days, last } = daysOfMonth(fields[2] as string);
  const months = new Set(read(3));
  const weekdays = new Set(read(4).map((day) => day % 7));
  const anyDay = days.size === 31;
  const anyWeekday = weekdays.size === 7;
  if (anyWeekday && !last && ![...months].some((month) => reaches(days, month)))
    throw new CronFieldError(
      DAY_OF_MONTH.name,
      `${fields[2]} is in none of the months of "${fields[3]}": it would never run.`,
    );
  const onDayOfMonth = (date: Date): boolean =>
    days.has(date.getUTCDate()) || (last && date.getUTCDate() === daysIn(date));
  return {
    minutes,
    hours,
    everyHour: hours.length === 24,
    months,
    onDay: (date) => {
      if (!months.has(date.getUTCMonth() + 1)) return false;
      if (anyDay) return weekdays.has(date.getUTCDay());
      if (anyWeekday) return onDayOfMonth(date);
      return onDayOfMonth(date) || weekdays.has(date.getUTCDay());
    },
  };
}

function fieldsOf(text: string): string[] {
  if (text.startsWith('@')) {
    const known = ALIASES[text.toLowerCase()];
    if (known !== undefined) return known.split(' ');
    throw new CronFieldError(
      'expression',
      `"${text.slice(0, 20)}" is none of ${Object.keys(ALIASES).join(', ')}.`,
    );
  }
  const fields = text.split(/\s+/);
  const count = text === '' ? 0 : fields.length;
  if (count !== FIELDS.length)
    throw new CronFieldError(
      'expression',
      `it has ${count} ${count === 1 ? 'field' : 'fields'}; it needs five: ${FIELDS.map((one) => one.name).join(', ')}.`,
    );
  return fields;
}

/** `L`, alone or in a list, is the last day of the month. */
function daysOfMonth(text: string): { days: Set<number>; last: boolean } {
  const parts = text.split(',');
  const others = parts.filter((part) => part.toUpperCase() !== 'L');
  return {
    days: new Set(others.length === 0 ? [] : parseField(others.join(','), DAY_OF_MONTH)),
    last: others.length < parts.length,
  };
}

const reaches = (days: ReadonlySet<number>, month: number): boolean =>
  [...days].some((day) => day <= (LONGEST_MONTH[month - 1] as number));

const daysIn = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** 29 February is eight years away at the most; nothing that is not refused is rarer. */
const MAX_MONTHS = 12 * 9;

/** The first time that the expression names at `from` or later. */
export function nextWallTime(cron: CronExpression, from: WallTime): WallTime {
  const start = Math.ceil(from / MINUTE_MS) * MINUTE_MS;
  const firstDay = Math.floor(start / DAY_MS) * DAY_MS;
  if (cron.onDay(new Date(firstDay))) {
    const today = timeOfDay(cron, (start - firstDay) / MINUTE_MS);
    if (today !== undefined) return firstDay + today * MINUTE_MS;
  }
  const earliest = (cron.hours[0] as number) * 60 + (cron.minutes[0] as number);
  return nextDay(cron, firstDay + DAY_MS) + earliest * MINUTE_MS;
}

/** The first named minute of a day at `from` (minutes since midnight) or later. */
function timeOfDay({ hours, minutes }: CronExpression, from: number): number | undefined {
  for (const hour of hours) {
    if (hour * 60 + 59 < from) continue;
    const minute = minutes.find((one) => hour * 60 + one >= from);
    if (minute !== undefined) return hour * 60 + minute;
  }
  return undefined;
}

function nextDay(cron: CronExpression, from: WallTime): WallTime {
  let day = from;
  for (let months = 0; months < MAX_MONTHS; months++) {
    const date = new Date(day);
    const nextMonth = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
    if (cron.months.has(date.getUTCMonth() + 1)) {
      for (; day < nextMonth; day += DAY_MS) if (cron.onDay(new Date(day))) return day;
    }
    day = nextMonth;
  }
  throw new Error('a cron expression that never fires was accepted');
}
