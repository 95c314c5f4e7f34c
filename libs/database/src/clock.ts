// The database's clock as this process knows it, so that a write can carry its time without a round trip for it.
import type { Queryable, Statement } from './database.js';

export interface DatabaseClock extends Disposable {
  /** Off by at most the half of a round trip and what the two clocks drifted apart since the last look. */
  now(): Date;
}

const LOOK_EVERY_MS = 5_000;
/** A look that took longer says little; it counts only while there is no fresher one. */
const GOOD_LOOK_MS = 20;
const STALE_MS = 30_000;

const CLOCK: Statement = { name: 'clock', text: 'select clock_timestamp() as now' };

export async function startDatabaseClock(database: Queryable): Promise<DatabaseClock> {
  let offsetMs = 0;
  let lookedAt = -Infinity;
  const look = async (): Promise<void> => {
    const before = performance.now();
    const [row] = await database.query<{ now: Date }>(CLOCK);
    const after = performance.now();
    if (row === undefined) return;
    if (after - before > GOOD_LOOK_MS && after - lookedAt < STALE_MS) return;
    offsetMs = row.now.getTime() - (before + after) / 2;
    lookedAt = after;
  };
  await look();
  // A database that is away has no clock; the next look finds it again.
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_EVERY_MS);
  timer.unref();
  return {
    now: () => new Date(Math.round(performance.now() + offsetMs)),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
