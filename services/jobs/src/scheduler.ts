// Wakes when the next schedule is due, and now and then to hear of schedules that others have made.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@weft/telemetry';

export interface SchedulerOptions {
  /** The longest sleep. */
  readonly everyMs: number;
  /** Decides what is due and tells in how many milliseconds the next one is. */
  readonly runDue: () => Promise<number | undefined>;
  readonly logger: Logger;
}

export interface Scheduler {
  stop(): Promise<void>;
}

const MIN_SLEEP_MS = 10;

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
      waitMs = Math.max(MIN_SLEEP_MS, Math.min(everyMs, next ?? everyMs));
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
