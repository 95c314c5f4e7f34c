// Delivery at its worst: at least once, in any order. For tests that compare what it leaves behind with one ordered delivery.
import { EVENT_STREAM } from '@weft/contracts';
import type { Queryable } from '@weft/database';
import type { Messaging } from '@weft/messaging';
import { eventually } from './eventually.js';

/** Everything twice, in an order that the seed decides. */
export function twiceAndShuffled<T>(messages: readonly T[], seed: number): T[] {
  const shuffled = [...messages, ...messages];
  let state = seed;
  const below = (n: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = below(last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
  }
  return shuffled;
}

/** Resolves when every consumer of the service has acknowledged all that there is for it. */
export async function allHeard(messaging: Messaging, durables: readonly string[]): Promise<void> {
  const manager = await messaging.connection.jetstreamManager({ checkAPI: false });
  for (const durable of durables) {
    await eventually(
      `${durable} to have heard everything`,
      async () => {
        const { num_pending, num_ack_pending } = await manager.consumers.info(EVENT_STREAM, durable);
        return num_pending === 0 && num_ack_pending === 0;
      },
      60_000,
    );
  }
}

/** The rows of each query, in one order, without what only tells when or under which number they were written. */
export async function rowsOf(
  database: Queryable,
  queries: Readonly<Record<string, string>>,
): Promise<Record<string, string[]>> {
  const rows: Record<string, string[]> = {};
  for (const [what, query] of Object.entries(queries)) {
    const found = await database.query<{ row: unknown }>(`select to_jsonb(q) as row from (${query}) q`);
    rows[what] = found.map(({ row }) => JSON.stringify(row)).sort();
  }
  return rows;
}
