// Lets one in at a time; whoever has waited too long goes by. For what is better done one after the other, and still
// right where it is not.
import { setTimeout as sleep } from 'node:timers/promises';

export interface Latch {
  /** Resolves to what lets the next one in; to nothing where it took too long. */
  enter(mostMs: number): Promise<(() => void) | undefined>;
}

export function createLatch(): Latch {
  let held: Promise<void> | undefined;
  return {
    async enter(mostMs) {
      const until = performance.now() + mostMs;
      while (held !== undefined) {
        const left = until - performance.now();
        if (left <= 0) return undefined;
        const tooLong = new AbortController();
        await Promise.race([held, sleep(left, undefined, { signal: tooLong.signal }).catch(() => undefined)]);
        tooLong.abort();
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return () => {
        if (held === promise) held = undefined;
        resolve();
      };
    },
  };
}
