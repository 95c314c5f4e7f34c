import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 50;
const LONGEST_MS = 2_000;

/** Waits longer and longer, with jitter; `reset` after a success. A signal ends the wait, and only that. */
export interface Backoff {
  wait(signal?: AbortSignal): Promise<void>;
  reset(): void;
}

export function createBackoff(firstMs = FIRST_MS, longestMs = LONGEST_MS): Backoff {
  let next = firstMs;
  return {
    async wait(signal) {
      const ms = next / 2 + (next / 2) * Math.random();
      next = Math.min(next * 2, longestMs);
      await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    },
    reset() {
      next = firstMs;
    },
  };
}
