import type { TransitionActor } from '../domain/job.js';
import type { Checks } from '../domain/schema-question.js';
import { parseCron } from '../domain/schedule/cron-expression.js';
import { nextPlannedTime } from '../domain/schedule/planned-times.js';
import { dueTimes, type Schedule, type Slot } from '../domain/schedule/schedule.js';
import { parseTimeZone } from '../domain/schedule/time-zone.js';
import { submissionOf } from '../domain/definition/definition.js';
import { cancelIn } from './cancel-job.js';
import type { Checking } from './checking.js';
import type { CurrentDefinition } from './definition-ports.js';
import { poolsNow, principalsOfMember } from './find-pools.js';
import type { Ports, Work } from './ports.js';
import { startIn } from './start-definition.js';
import { paused } from './switch-schedule.js';

export interface SchedulerOptions {
  /** How many schedules at the most; the others are due for the next call. */
  readonly most: number;
  /** The database's clock when left out. */
  readonly clock?: () => Date;
  /** Between a slot's decision and the commit. */
  readonly beforeCommit?: () => Promise<void>;
  /** What became of a planned time, once it is committed. */
  readonly decided?: (slot: Slot) => void;
  /** A schedule could not be decided for an unexpected reason; the others go on. */
  readonly stuck: (scheduleId: string, error: unknown) => void;
}

/**
 * Decides every planned time that is due. Any number of replicas may do so at once: a schedule is decided under its row
 * lock, and each of its planned times in the same transaction that submits the job, so it starts exactly once.
 * @returns in how many milliseconds the next one is due, by the same clock.
 */
export async function runDueSchedules(
  ports: Ports,
  checking: Checking,
  options: SchedulerOptions,
): Promise<number | undefined> {
  const failed: string[] = [];
  for (let decided = 0; decided < options.most; decided++) {
    let current: string | undefined;
    try {
      const found = await checking((checks) =>
        ports.transact(async (tx) => {
          const now = options.clock?.() ?? (await tx.jobs.now());
          const schedule = await tx.schedules.lockDue(now, failed);
          if (schedule === undefined) return false;
          current = schedule.id;
          await tx.schedules.save(
            await decide(ports, checks, tx, schedule, now, (slot) =>
              tx.afterCommit(() => options.decided?.(slot)),
            ),
          );
          await options.beforeCommit?.();
          return true;
        }),
      );
      if (!found) break;
    } catch (error) {
      if (current === undefined) throw error;
      failed.push(current);
      options.stuck(current, error);
    }
  }
  return ports.transact(async (tx) => {
    const next = await tx.schedules.nextDue(failed);
    return next && next.getTime() - (options.clock?.() ?? (await tx.jobs.now())).getTime();
  });
}

/** Decides what is due of one schedule and tells how it stands then. */
async function decide(
  ports: Ports,
  checks: Checks,
  tx: Work,
  schedule: Schedule,
  now: Date,
  told: (slot: Slot) => void,
): Promise<Schedule> {
  const definition = await tx.definitions.current(schedule.definitionId);
  if (definition === undefined || definition.definition.deletedAt !== null)
    return paused(schedule, 'DEFINITION_DELETED', now);
  const [cron, zone] = [parseCron(schedule.cron), parseTimeZone(schedule.timeZone)];
  // It was accepted once: by another release, or with another time zone database.
  if (!cron.ok || !zone.ok) return paused(schedule, 'NOT_UNDERSTOOD', now);
  const due = dueTimes(schedule, cron.value, zone.value, now);
  if (due.missed !== null) {
    const { last, times } = due.missed;
    const slot: Slot = { ...slotOf(schedule, last, now), outcome: 'SKIPPED_MISSED', times };
    if (await tx.schedules.takeSlot(slot)) told(slot);
  }
  const decided = { ...schedule, decidedUntil: now };
  for (const plannedFor of due.start) {
    const slot = await startSlot(ports, checks, tx, schedule, definition, slotOf(schedule, plannedFor, now));
    if (slot === undefined) continue;
    told(slot);
    // The service version, the target or the data is no longer for this organization: it will not be so by itself again.
    if (
      slot.errors.some((error) => error.code === 'REFERENCE_UNKNOWN') &&
      (await poolsAreThere(tx, schedule, definition))
    )
      return paused(decided, 'ACCESS_LOST', now);
  }
  return { ...decided, nextRunAt: new Date(nextPlannedTime(cron.value, zone.value, now.getTime())) };
}

/** Files come and go: one that is not in its data pool now may be at the next time. */
async function poolsAreThere(
  tx: Work,
  schedule: Schedule,
  { definition: { organizationId }, current }: CurrentDefinition,
): Promise<boolean> {
  const submission = submissionOf(organizationId, current, null, {}, runnerOf(schedule));
  return (await poolsNow(tx.references, submission)).ok;
}

/** Nobody is there to say in which teams he is. */
const runnerOf = ({ organizationId, runsAs }: Schedule): string[] =>
  principalsOfMember(organizationId, runsAs);

const slotOf = (schedule: Schedule, plannedFor: Date, decidedAt: Date): Slot => ({
  scheduleId: schedule.id,
  plannedFor,
  manual: false,
  outcome: 'STARTED',
  jobId: null,
  errors: [],
  times: 1,
  decidedAt,
});

async function startSlot(
  ports: Ports,
  checks: Checks,
  tx: Work,
  schedule: Schedule,
  definition: CurrentDefinition,
  planned: Slot,
): Promise<Slot | undefined> {
  const id = ports.chance.newId();
  if (!(await tx.schedules.takeSlot({ ...planned, jobId: id }))) return undefined;
  const open = schedule.concurrency === 'ALLOW' ? [] : await tx.schedules.openJobs(schedule.id);
  const actor: TransitionActor = { kind: 'system', id: `schedule:${schedule.id}` };
  if (schedule.concurrency === 'FORBID' && open.length > 0) {
    const skipped: Slot = { ...planned, outcome: 'SKIPPED_OVERLAP' };
    await tx.schedules.decideSlot(skipped);
    return skipped;
  }
  const outcome = await startIn(ports, checks, tx, definition, {
    id,
    userId: schedule.runsAs,
    principals: runnerOf(schedule),
    actor,
    correlationId: id,
    inputs: schedule.inputs,
    plannedFor: planned.plannedFor,
  });
  if (!outcome.ok) {
    const denied: Slot = { ...planned, outcome: 'REFUSED', errors: outcome.errors };
    await tx.schedules.decideSlot(denied);
    return denied;
  }
  // Only what can be started replaces what runs.
  for (const jobId of open) await cancelIn(ports, tx, jobId, actor);
  return { ...planned, jobId: id };
}
