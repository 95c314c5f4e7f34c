// Wakes when the next schedule is due, and now and then to hear of schedules that others have made.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@weft/telemetry';

export interface SchedulerOptions {
  /** The longest sleep. */
  readonly everyMs: number;
  /** Decides what is due and tells when the next one is. */
  readonly runDue: () => Promise<Date | undefined>;
  readonly logger: Logger;
}

export interface Scheduler {
  stop(): Promise<void>;
}

/** The shortest sleep: what is due is decided by the database's clock, which may be a little behind. */
const MIN_SLEEP_MS = 20;

export function startScheduler({ everyMs, runDue, logger }: SchedulerOptions): Scheduler {
  const stopping = new AbortController();
  const { signal } = stopping;
  const round = async (): Promise<void> => {
    let waitMs = everyMs;
    while (!signal.aborted) {
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const next = await runDue().catch((error: unknown) => {
        logger.warn({ err: error }, 'schedules could not be decided; it will be tried again');
        return undefined;
      });
      waitMs = untilDue(next, everyMs);
    }
  };
  const done = round();
  return {
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

const untilDue = (next: Date | undefined, everyMs: number): number =>
  next === undefined ? everyMs : Math.min(everyMs, Math.max(MIN_SLEEP_MS, next.getTime() - Date.now()));
