// Keeps batches now and then, for as long as the service runs.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@weft/telemetry';

export interface BatchKeeper {
  stop(): Promise<void>;
}

export function startBatchKeeper(everyMs: number, keep: () => Promise<void>, logger: Logger): BatchKeeper {
  const stopping = new AbortController();
  const { signal } = stopping;
  const round = async (): Promise<void> => {
    for (;;) {
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await keep().catch((error: unknown) =>
        logger.warn({ err: error }, 'batches could not be kept; it will be tried again'),
      );
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
