import { setTimeout as sleep } from 'node:timers/promises';

/** The registry chooses ids before jobs has heard of them: something that young may be on its way. */
const ON_ITS_WAY_MS = 10_000;
const LOOK_AGAIN_MS = 25;
const LONGEST_PAUSE_MS = 400;

/**
 * What is read under an id, waited for where the id was made just now. By the id alone: something of somebody else is waited
 * for just as long as something that does not exist.
 * @param patienceMs no longer than this, whatever its age
 */
export async function awaitYoung<T>(
  id: string,
  read: () => Promise<T | undefined>,
  patienceMs = ON_ITS_WAY_MS,
): Promise<T | undefined> {
  const now = Date.now();
  const arrivedBy = bornAt(id) + ON_ITS_WAY_MS;
  // Clocks differ a little; an id from the future beyond that is made up.
  const giveUpAt = arrivedBy - now > 2 * ON_ITS_WAY_MS ? now : Math.min(arrivedBy, now + patienceMs);
  for (let pause = LOOK_AGAIN_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const found = await read();
    if (found !== undefined || Date.now() >= giveUpAt) return found;
    await sleep(pause, undefined, { ref: false });
  }
}

/** UUIDs of version 7 begin with their time. */
const bornAt = (id: string): number =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-7/i.test(id) ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : 0;
