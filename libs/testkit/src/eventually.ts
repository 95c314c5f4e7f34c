import { setTimeout as sleep } from 'node:timers/promises';

/** Repeats a look until it gives something (not undefined, not false), or fails naming what was waited for. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = 10_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  let failure: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (Date.now() > deadline)
      throw new Error(`waited ${withinMs} ms in vain for: ${what}`, { cause: failure });
    await sleep(20);
  }
}
