import { setTimeout as sleep } from 'node:timers/promises';

/** How long somebody who is in a hurry waits for news that may not even be on its way. */
const HURRY_MS = 100;

/** The rest between batches; whoever needs the news at once ends it. */
export interface Pace {
  /** Until `ms` after the start of the batch, unless hurried. */
  rest(startedAt: number, ms: number): Promise<void>;
  /** Resolves when the next batch is done, or there is none for a moment. */
  hurry(): Promise<void>;
  /** A batch is done. */
  done(): void;
}

export function createPace(stopping: AbortSignal): Pace {
  const waiting = new Set<() => void>();
  let endRest: (() => void) | undefined;
  stopping.addEventListener('abort', () => endRest?.());
  return {
    async rest(startedAt, ms) {
      const left = ms - (performance.now() - startedAt);
      if (left <= 0 || waiting.size > 0 || stopping.aborted) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        endRest = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      endRest = undefined;
    },
    async hurry() {
      let heard = (): void => undefined;
      const next = new Promise<void>((resolve) => (heard = resolve));
      waiting.add(heard);
      endRest?.();
      await Promise.race([next, sleep(HURRY_MS, undefined, { ref: false })]);
      waiting.delete(heard);
    },
    done() {
      for (const heard of waiting) heard();
      waiting.clear();
    },
  };
}
