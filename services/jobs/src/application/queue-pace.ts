// How fast a target works off what waits for it: starts per second, measured only while something is left waiting.

/** After this time what was measured counts a third. */
const MEMORY_MS = 60_000;
/** Less says nothing yet. */
const LEAST_BUSY_MS = 200;

export interface QueuePace {
  /**
   * @param given jobs that were given in a round of claims.
   * @param isLeft whether more than these waited.
   */
  note(given: number, isLeft: boolean, nowMs: number): void;
  /** Undefined while nothing is known. */
  startsPerSecond(): number | undefined;
}

export function createQueuePace(): QueuePace {
  let busyMs = 0;
  let starts = 0;
  let busySince: number | undefined;
  return {
    note(given, isLeft, nowMs) {
      if (busySince !== undefined) {
        const passed = Math.max(0, nowMs - busySince);
        const kept = Math.exp(-passed / MEMORY_MS);
        busyMs = busyMs * kept + passed;
        starts = starts * kept + given;
      }
      busySince = isLeft ? nowMs : undefined;
    },
    startsPerSecond: () => (busyMs < LEAST_BUSY_MS || starts === 0 ? undefined : (starts / busyMs) * 1_000),
  };
}
