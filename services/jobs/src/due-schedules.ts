// Decides the planned times that are due, and tells the log and the metrics what came of each.
import type { Logger, SyncPoint } from '@weft/telemetry';
import type { Checking } from './application/checking.js';
import type { Ports } from './application/ports.js';
import { runDueSchedules } from './application/run-due-schedules.js';
import type { SlotOutcome } from './domain/schedule/schedule.js';

/** A batch at a time, so that a stop is not waited for. */
const SCHEDULES_A_ROUND = 100;

/** @returns in how many milliseconds the next one is due, where one is known. */
export async function runDue(
  ports: Ports,
  checking: Checking,
  syncPoint: SyncPoint,
  logger: Logger,
  count: (outcome: SlotOutcome, times: number) => void,
): Promise<number | undefined> {
  let decided = false;
  const next = await runDueSchedules(ports, checking, {
    most: SCHEDULES_A_ROUND,
    beforeCommit: () => {
      decided = true;
      return syncPoint('slot-taken');
    },
    decided: ({ scheduleId, plannedFor, outcome, times, jobId, errors }) => {
      count(outcome, times);
      const codes = errors.map((error) => error.code);
      const told = { scheduleId, plannedFor, outcome, times, jobId, codes };
      logger[outcome === 'STARTED' ? 'info' : 'warn'](told, 'planned time decided');
    },
    stuck: (scheduleId, error) =>
      logger.error({ err: error, scheduleId }, 'schedule could not be decided; it will be tried again'),
  });
  if (decided) await syncPoint('slot-committed');
  return next;
}
