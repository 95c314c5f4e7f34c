// A target as this replica sees it without asking: who waits for work there, and what the last look at its queue told.
import type { ClaimedAttempt } from '@weft/contracts';
import type { Claim } from './application/claim-work.js';
import { createTargetTally, type TargetTally } from './application/target-tally.js';
import type { KnownTarget } from './domain/references.js';
import { createLatch, type Latch } from './latch.js';

/** One worker's request for work while it waits. */
export interface Place {
  readonly target: KnownTarget | undefined;
  readonly claim: Claim;
  /** Nothing can have been given for it that is not known here. */
  isFresh: boolean;
  /** How many jobs may be handed over now. */
  room: number;
  /** Something is being handed over. */
  serving: Promise<void> | undefined;
  /** By job and number: a repeated look may name again what was handed over. */
  readonly attempts: Map<string, ClaimedAttempt>;
  /** Something may have been given that is not among the attempts: the worker has to ask again. */
  failure: { readonly error: unknown } | undefined;
  /** Its answer is on its way: nothing more is taken for it. */
  left: boolean;
  readonly told: () => void;
}

export interface WaitingQueue {
  /** The last look left something: what comes new does not pass it. */
  backlog: boolean;
  /** The last look left nothing, and nothing has come since. */
  dry: boolean;
  /** How often something may have come. */
  stirs: number;
  readonly tally: TargetTally;
  /** By worker, whoever was given something last behind the others. */
  readonly places: Map<string, Set<Place>>;
  /** Claims and hand-overs of one replica, at once, would only take each other's rounds away. */
  readonly latch: Latch;
}

export const newWaitingQueue = (): WaitingQueue => ({
  backlog: true,
  dry: false,
  stirs: 0,
  tally: createTargetTally(),
  places: new Map(),
  latch: createLatch(),
});

export function addPlace({ places }: WaitingQueue, place: Place): void {
  const { workerId } = place.claim;
  places.set(workerId, (places.get(workerId) ?? new Set()).add(place));
}

export function removePlace({ places }: WaitingQueue, place: Place): void {
  const { workerId } = place.claim;
  const own = places.get(workerId);
  own?.delete(place);
  if (own?.size === 0) places.delete(workerId);
}

/** It may have been given something that cannot be told now. */
export function fail(place: Place, error: unknown): void {
  place.isFresh = false;
  place.room = 0;
  place.failure = { error };
}

export const takeInto = ({ attempts }: Place, given: readonly ClaimedAttempt[]): void => {
  for (const one of given) attempts.set(`${one.jobId}:${one.attempt}`, one);
};
