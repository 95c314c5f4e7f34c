// When a definition starts by itself, and what becomes of each time that was planned.
import { userError, type UserError } from '@weft/errors';
import type { CronExpression } from './cron-expression.js';
import { lastPlannedTimes, plannedTimesBetween } from './planned-times.js';
import type { TimeZone } from './time-zone.js';

/** What happens at a planned time while a run of the same schedule is not final. */
export const CONCURRENCY_POLICIES = ['ALLOW', 'FORBID', 'REPLACE'] as const;
export type ConcurrencyPolicy = (typeof CONCURRENCY_POLICIES)[number];

/** What happens with planned times that passed while nobody could start them. */
export const MISSED_POLICIES = ['SKIP', 'ONE', 'ALL'] as const;
export type MissedPolicy = (typeof MISSED_POLICIES)[number];

export const PAUSE_REASONS = ['REQUESTED', 'DEFINITION_DELETED', 'ACCESS_LOST', 'NOT_UNDERSTOOD'] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

export const SLOT_OUTCOMES = ['STARTED', 'SKIPPED_OVERLAP', 'SKIPPED_MISSED', 'REFUSED'] as const;
export type SlotOutcome = (typeof SLOT_OUTCOMES)[number];

export const MAX_MISSED_RUNS = 100;
export const MAX_DEADLINE_SECONDS = 24 * 3_600;
/** Planned times passed over are counted up to here. */
export const MAX_COUNTED = 1_000;

export interface ScheduleRules {
  readonly cron: string;
  readonly timeZone: string;
  /** An object, or null for none. */
  readonly inputs: unknown;
  readonly concurrency: ConcurrencyPolicy;
  readonly missed: MissedPolicy;
  /** How many missed runs ALL makes up for. */
  readonly missedLimit: number;
  /** A run that starts later than this has missed its time. */
  readonly startingDeadlineSeconds: number;
}

export interface Schedule extends ScheduleRules {
  readonly id: string;
  readonly organizationId: string;
  readonly definitionId: string;
  /** Counts the changes of its rules. */
  readonly version: number;
  readonly createdBy: string;
  /** Who changed it last: in whose name it starts jobs. */
  readonly runsAs: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly pausedAt: Date | null;
  readonly pauseReason: PauseReason | null;
  /** Every time planned up to here is decided. */
  readonly decidedUntil: Date;
  /** The next planned time; null while it is paused. */
  readonly nextRunAt: Date | null;
}

/** What became of a planned time. */
export interface Slot {
  readonly scheduleId: string;
  readonly plannedFor: Date;
  /** Run now: not planned by the expression. */
  readonly manual: boolean;
  readonly outcome: SlotOutcome;
  readonly jobId: string | null;
  readonly errors: readonly UserError[];
  /** How many planned times it stands for: those missed together are told as one. */
  readonly times: number;
  readonly decidedAt: Date;
}

export interface DueTimes {
  /** To be started, the earliest first. */
  readonly start: readonly Date[];
  /** Passed over together; the last of them. */
  readonly missed: { readonly last: Date; readonly times: number } | null;
}

/**
 * Of the times that are due, the last one is on time while its deadline has not passed; every other is missed.
 * SKIP starts what is on time; ONE the last one, on time or not; ALL what is on time and the last `missedLimit` missed.
 */
export function dueTimes(
  schedule: Pick<Schedule, 'missed' | 'missedLimit' | 'startingDeadlineSeconds' | 'decidedUntil'>,
  cron: CronExpression,
  zone: TimeZone,
  now: Date,
): DueTimes {
  const [after, until] = [schedule.decidedUntil.getTime(), now.getTime()];
  const counted = plannedTimesBetween(cron, zone, after, until, MAX_COUNTED);
  const latest =
    counted.length < MAX_COUNTED ? counted : lastPlannedTimes(cron, zone, after, until, MAX_MISSED_RUNS + 2);
  const last = latest.at(-1);
  if (last === undefined) return { start: [], missed: null };
  const onTime = until - last <= schedule.startingDeadlineSeconds * 1_000 ? 1 : 0;
  const starts = { SKIP: onTime, ONE: 1, ALL: onTime + schedule.missedLimit }[schedule.missed];
  const start = starts === 0 ? [] : latest.slice(-starts);
  const lastMissed = latest.at(-1 - start.length);
  return {
    start: start.map((time) => new Date(time)),
    missed:
      lastMissed === undefined
        ? null
        : { last: new Date(lastMissed), times: Math.max(1, counted.length - start.length) },
  };
}

export function checkRules(rules: ScheduleRules): UserError[] {
  const errors: UserError[] = [];
  const inside = (value: number, max: number, field: string): void => {
    if (!Number.isInteger(value) || value < 1 || value > max)
      errors.push(userError('BAD_USER_INPUT', `${field} is an integer from 1 to ${max}.`, 'input', field));
  };
  inside(rules.missedLimit, MAX_MISSED_RUNS, 'missedRunLimit');
  inside(rules.startingDeadlineSeconds, MAX_DEADLINE_SECONDS, 'startingDeadlineSeconds');
  return errors;
}
