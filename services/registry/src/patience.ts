import { setTimeout as sleep } from 'node:timers/promises';

/** How long a reference that is not known yet is waited for (law 1). */
export const REFERENCE_WAIT_MS = 10_000;

const LOOK_EVERY_MS = 100;

/** Each call waits a little; false once the whole time is over. */
export function patience(wholeMs: number): () => Promise<boolean> {
  const until = performance.now() + wholeMs;
  return async () => {
    const left = until - performance.now();
    if (left <= 0) return false;
    await sleep(Math.min(LOOK_EVERY_MS, left));
    return true;
  };
}
