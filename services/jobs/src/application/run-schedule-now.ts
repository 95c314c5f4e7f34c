import type { Actor } from '@weft/identity';
import { done, refused, userError, type Outcome } from '@weft/errors';
import type { Checks } from '../domain/schema-question.js';
import { principalsOfActor } from './find-pools.js';
import type { Ports } from './ports.js';
import { startIn } from './start-definition.js';
import type { Submitted } from './submit-job.js';
import { acceptOrUndo } from './submit-job.js';
import { findSchedule } from './switch-schedule.js';

/** Starts it once more, now: also when it is paused, and whatever its concurrency policy says. */
export function runScheduleNow(
  ports: Ports,
  checks: Checks,
  actor: Actor,
  correlationId: string,
  scheduleId: string,
): Promise<Outcome<Submitted>> {
  return acceptOrUndo<Submitted>(ports, async (tx) => {
    const found = await findSchedule(tx, actor, scheduleId);
    if (!found.ok) return found;
    const definition = await tx.definitions.current(found.value.definitionId);
    if (definition === undefined || definition.definition.deletedAt !== null)
      return refused(
        userError('CONFLICT', 'Its job definition was deleted; it cannot start any more.', 'input', 'id'),
      );
    const now = await tx.jobs.now();
    // Planned times are whole minutes: those are left to the schedule.
    const plannedFor = now.getTime() % 60_000 === 0 ? new Date(now.getTime() + 1) : now;
    const jobId = ports.chance.newId();
    const taken = await tx.schedules.takeSlot({
      scheduleId,
      plannedFor,
      manual: true,
      outcome: 'STARTED',
      jobId,
      errors: [],
      times: 1,
      decidedAt: now,
    });
    if (!taken) return refused(userError('CONFLICT', 'It was run this very moment.', 'input', 'id'));
    const outcome = await startIn(ports, checks, tx, definition, {
      id: jobId,
      userId: actor.id,
      principals: principalsOfActor(actor),
      actor: { kind: 'user', id: actor.id },
      correlationId,
      inputs: found.value.inputs,
      plannedFor,
    });
    return outcome.ok ? done({ jobId, repeated: false }) : outcome;
  });
}
