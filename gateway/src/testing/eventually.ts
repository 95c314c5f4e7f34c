import { setTimeout as sleep } from 'node:timers/promises';

/** Tries until it throws no more, for at most `timeoutMs`. */
export async function eventually<T>(attempt: () => T | Promise<T>, timeoutMs = 20_000): Promise<T> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(10);
    }
  }
}
