import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@weft/telemetry';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/** Tries until it succeeds or is told to stop (then it throws): a part that is down at the start is waited for, not died of. */
export async function persevere<T>(
  what: string,
  attempt: () => Promise<T>,
  stopping: AbortSignal,
  logger: Logger,
): Promise<T> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    stopping.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      logger.warn({ err: error, retryInMs: wait }, `${what} failed; it will be tried again`);
    }
    await sleep(wait, undefined, { signal: stopping });
  }
}
