import { MOST_CLAIMED } from './protocol.js';

/** Claims that a worker keeps open at once, so that some wait for new work while others are being answered. */
export const OPEN_CLAIMS = 4;

/** How long a worker lets a claim be held, ms: short, so that one that dies holding it costs a waiting job little. */
export const CLAIM_HOLD_MS = 1_500;

/** How long it waits for the answer beyond that before it asks again under the same id, ms. */
export const CLAIM_PATIENCE_MS = 2_000;

/** Within this time a claim that died with whoever held it is asked again, pauses between tries included, ms. */
export const CLAIM_REPEATED_MS = 6_000;

/**
 * For how many attempts a worker's next claim asks; 0: it waits until there is more room.
 * Half of the room at first, so that a second claim waits beside it; later ones are not worth a message for less than a
 * quarter of all places.
 * @param capacity how many attempts it runs at once.
 * @param running attempts that it has.
 * @param asked attempts that open claims ask for.
 */
export function claimPart({
  capacity,
  running,
  asked,
}: {
  readonly capacity: number;
  readonly running: number;
  readonly asked: number;
}): number {
  const free = capacity - running - asked;
  if (free <= 0) return 0;
  if (asked === 0) return Math.min(MOST_CLAIMED, Math.ceil(free / 2));
  return free * OPEN_CLAIMS >= capacity ? Math.min(MOST_CLAIMED, free) : 0;
}
