import { setTimeout as sleep } from 'node:timers/promises';

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
