// When a cron expression runs in a zone: the one rule for daylight saving (docs/adr/0014).
//
// An expression that names hours speaks of times of day. Each of those times runs once, at the first instant at which the
// clock on the wall shows it; a time that the clock leaps over runs at the leap, together with all others that it leaps
// over; a time that the clock shows twice runs the first time only.
//
// An expression whose hour field names every hour speaks of intervals. It runs whenever the wall shows a named minute:
// nothing is made up for a leap forward, and what the clock shows twice runs twice, as that much time has really passed.
import { nextWallTime, type CronExpression } from './cron-expression.js';
import type { Stretch, TimeZone } from './time-zone.js';

/** No zone ever moved its clocks by more than this at once. */
const LONGEST_CHANGE = 26 * 3_600_000;
/** Of changes of the offset passed on the way to a rare time: more than a century of them. */
const MAX_STRETCHES = 1_000;

/** The first planned time after this instant. */
export function nextPlannedTime(cron: CronExpression, zone: TimeZone, after: number): number {
  return cron.everyHour ? nextShown(cron, zone, after) : nextReached(cron, zone, after);
}

/** The next `most` planned times after this instant. */
export function nextPlannedTimes(
  cron: CronExpression,
  zone: TimeZone,
  after: number,
  most: number,
): number[] {
  const times: number[] = [];
  for (let last = after; times.length < most;) {
    last = nextPlannedTime(cron, zone, last);
    times.push(last);
  }
  return times;
}

/** Every planned time after the first instant up to the second one; at most `most` of them, the earliest ones. */
export function plannedTimesBetween(
  cron: CronExpression,
  zone: TimeZone,
  after: number,
  until: number,
  most: number,
): number[] {
  const times: number[] = [];
  for (let next = nextPlannedTime(cron, zone, after); next <= until && times.length < most;) {
    times.push(next);
    next = nextPlannedTime(cron, zone, next);
  }
  return times;
}

/** The last `most` planned times up to `until` and after `after`, found without a walk through all of them. */
export function lastPlannedTimes(
  cron: CronExpression,
  zone: TimeZone,
  after: number,
  until: number,
  most: number,
): number[] {
  // The window grows until it holds enough; the densest expression fills it with one a minute.
  for (let window = most * 60_000; ; window *= 2) {
    const from = Math.max(after, until - window);
    const times = plannedTimesBetween(cron, zone, from, until, Infinity);
    if (times.length >= most || from === after) return times.slice(-most);
  }
}

function nextShown(cron: CronExpression, zone: TimeZone, after: number): number {
  let from = after + 1;
  for (let passed = 0; passed < MAX_STRETCHES; passed++) {
    const stretch = zone.stretchAt(from);
    const instant = nextWallTime(cron, from + stretch.offset) - stretch.offset;
    if (instant < stretch.end) return instant;
    from = stretch.end;
  }
  throw new Error('no planned time within a thousand changes of the offset');
}

/** Times up to the latest that the wall has shown by now are behind us, also when it was set back since. */
function nextReached(cron: CronExpression, zone: TimeZone, after: number): number {
  return firstReached(zone, nextWallTime(cron, latestShown(zone, after) + 1));
}

function latestShown(zone: TimeZone, instant: number): number {
  let stretch = zone.stretchAt(instant);
  let latest = instant + stretch.offset;
  while (stretch.start > instant - LONGEST_CHANGE) {
    const changedAt = stretch.start;
    stretch = zone.stretchAt(changedAt - 1);
    latest = Math.max(latest, changedAt - 1 + stretch.offset);
  }
  return latest;
}

/** The first instant at which the wall shows this time or a later one. */
function firstReached(zone: TimeZone, wall: number): number {
  let stretch: Stretch = zone.stretchAt(wall - 2 * LONGEST_CHANGE);
  while (wall - stretch.offset >= stretch.end) stretch = zone.stretchAt(stretch.end);
  return Math.max(wall - stretch.offset, stretch.start);
}
