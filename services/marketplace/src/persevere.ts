import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@weft/telemetry';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/** Tries until it works, waiting longer each time; undefined when told to stop before. */
export async function persevere<T>(
  what: string,
  attempt: () => Promise<T>,
  signal: AbortSignal,
  logger: Logger,
): Promise<T | undefined> {
  for (let wait = FIRST_WAIT_MS; !signal.aborted; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      return await attempt();
    } catch (error) {
      logger.warn({ err: error, retryInMs: wait }, `${what} failed; it will be tried again`);
      await sleep(wait, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}
