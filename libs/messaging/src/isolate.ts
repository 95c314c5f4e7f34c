// A batch is one piece of work, and fails as one: who of it is to blame is found by halving.

export interface Failure<T> {
  readonly item: T;
  readonly error: unknown;
}

/** How long is looked for: a database that is away fails everybody, and slowly. */
const PATIENCE_MS = 3_000;

/**
 * Works through `items` at once, and in halves where that fails, always in their order; gives those that failed for
 * themselves. `work` may see an item again that it has done, so it must be idempotent.
 */
export async function isolateFailures<T>(
  items: readonly T[],
  work: (items: readonly T[]) => Promise<void>,
  giveUpAt = performance.now() + PATIENCE_MS,
): Promise<Failure<T>[]> {
  try {
    await work(items);
    return [];
  } catch (error) {
    if (items.length === 1 || performance.now() > giveUpAt) return items.map((item) => ({ item, error }));
    const half = Math.ceil(items.length / 2);
    const before = await isolateFailures(items.slice(0, half), work, giveUpAt);
    return [...before, ...(await isolateFailures(items.slice(half), work, giveUpAt))];
  }
}
