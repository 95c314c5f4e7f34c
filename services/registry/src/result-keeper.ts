// Puts results of jobs into data pools: when it is woken, and now and then in case nobody was there to be woken.
import type { Logger } from '@weft/telemetry';
import type { SaveResults } from './application/save-results.js';

export interface ResultKeeper {
  /** There may be something to save. */
  wake(): void;
  stop(): Promise<void>;
}

const EVERY_MS = 5_000;

export function startResultKeeper(save: SaveResults, logger: Logger, everyMs = EVERY_MS): ResultKeeper {
  let stopping = false;
  let woken = false;
  let endPause = (): void => undefined;
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, everyMs);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const run = async (): Promise<void> => {
    while (!stopping) {
      woken = false;
      await save().catch((error: unknown) =>
        logger.warn({ err: error }, 'results could not be saved; it will be tried again'),
      );
      if (!woken) await pause();
    }
  };
  const running = run();
  return {
    wake() {
      woken = true;
      endPause();
    },
    async stop() {
      stopping = true;
      endPause();
      await running;
    },
  };
}
