// Pausing, resuming and deleting a schedule.
import { hasRole, type Actor } from '@weft/identity';
import { done, refused, userError, type Outcome } from '@weft/errors';
import { parseCron } from '../domain/schedule/cron-expression.js';
import { nextPlannedTime } from '../domain/schedule/planned-times.js';
import type { PauseReason, Schedule } from '../domain/schedule/schedule.js';
import { parseTimeZone } from '../domain/schedule/time-zone.js';
import type { Ports, Work } from './ports.js';
import type { SavedSchedule } from './schedule-ports.js';

export function pauseSchedule(ports: Ports, actor: Actor, id: string): Promise<Outcome<SavedSchedule>> {
  return ports.transact(async (tx) => {
    const found = await findSchedule(tx, actor, id);
    if (!found.ok) return found;
    if (found.value.pausedAt === null)
      await tx.schedules.save(paused(found.value, 'REQUESTED', await tx.jobs.now()));
    return done({ scheduleId: id });
  });
}

/** Goes on with the next planned time. What was planned while it was paused was not wanted, so it was not missed. */
export function resumeSchedule(ports: Ports, actor: Actor, id: string): Promise<Outcome<SavedSchedule>> {
  return ports.transact(async (tx) => {
    const found = await findSchedule(tx, actor, id);
    if (!found.ok) return found;
    const schedule = found.value;
    if (schedule.pausedAt === null) return done({ scheduleId: id });
    const definition = await tx.definitions.current(schedule.definitionId);
    if (definition === undefined || definition.definition.deletedAt !== null)
      return refused(
        userError('CONFLICT', 'Its job definition was deleted; it cannot start any more.', 'input', 'id'),
      );
    const [cron, zone] = [
      parseCron(schedule.cron, 'input', 'id'),
      parseTimeZone(schedule.timeZone, 'input', 'id'),
    ];
    if (!cron.ok) return cron;
    if (!zone.ok) return zone;
    const now = await tx.jobs.now();
    await tx.schedules.save({
      ...schedule,
      pausedAt: null,
      pauseReason: null,
      // Whoever resumes it answers for it from now on.
      runsAs: actor.id,
      decidedUntil: now,
      nextRunAt: new Date(nextPlannedTime(cron.value, zone.value, now.getTime())),
    });
    return done({ scheduleId: id });
  });
}

/** Its jobs stay; what became of its planned times goes with it. */
export function deleteSchedule(ports: Ports, actor: Actor, id: string): Promise<Outcome<SavedSchedule>> {
  return ports.transact(async (tx) => {
    const found = await findSchedule(tx, actor, id);
    if (!found.ok) return found;
    await tx.schedules.delete(id);
    return done({ scheduleId: id });
  });
}

export const paused = (schedule: Schedule, pauseReason: PauseReason, pausedAt: Date): Schedule => ({
  ...schedule,
  pausedAt,
  pauseReason,
  nextRunAt: null,
});

/** The schedule under its lock, for an actor that may change it. */
export async function findSchedule(tx: Work, actor: Actor, id: string): Promise<Outcome<Schedule>> {
  const schedule = await tx.schedules.lock(id);
  if (schedule === undefined || !hasRole(actor, schedule.organizationId, 'VIEWER'))
    return refused(userError('NOT_FOUND', 'There is no such schedule.', 'input', 'id'));
  if (!hasRole(actor, schedule.organizationId, 'MAINTAINER'))
    return refused(
      userError('FORBIDDEN', 'This needs the role MAINTAINER in the organization.', 'input', 'id'),
    );
  return done(schedule);
}
