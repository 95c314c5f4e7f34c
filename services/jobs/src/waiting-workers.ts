// Workers that wait for work at this replica, each with its request: a look at the queue answers it, or a new job that
// is handed over.
import type { ClaimedAttempt } from '@weft/contracts';
import type { Claim } from './application/claim-work.js';
import type { Birth, HandedOver, Ports, Signals } from './application/ports.js';
import type { TargetTally } from './application/target-tally.js';
import type { KnownTarget } from './domain/references.js';
import { createHandOver } from './hand-over.js';
import {
  addPlace,
  newWaitingQueue,
  removePlace,
  fail,
  takeInto,
  type Place,
  type WaitingQueue,
} from './waiting-queue.js';

/**
 * Looks at the queue for a request.
 * @param fresh whether the request is still new: after a look that failed it may have been given something.
 * @param begin to be called when the look begins: how much it may take.
 */
export type ClaimNow = (fresh: boolean, begin: () => number) => Promise<ClaimedAttempt[]>;

/** One worker's request for work, from its first look to its answer. */
export interface Seat {
  /** Resolves when jobs were handed over. */
  readonly served: Promise<void>;
  /**
   * Looks for work; true when there is some.
   */
  look(claim: ClaimNow): Promise<boolean>;
  /**
   * What it got. Nothing is handed over from here on.
   * @throws where it may have got more than can be told here: asking again under the same id tells all of it.
   */
  leave(): Promise<ClaimedAttempt[]>;
}

export interface WaitingWorkers {
  /**
   * @param target nothing where it is not known here yet: then the worker looks, and nothing is handed to it.
   * @param again makes it look once more.
   */
  seat(target: KnownTarget | undefined, claim: Claim, again: () => void): Seat;
  /** Something may have come into the queue of this target: who comes next looks. */
  stirred(targetId: string): void;
  /** Attempts ended here, and make room. */
  freed: Signals['freed'];
  handOver(births: readonly Birth[]): Promise<HandedOver>;
  /** A look at the queue begins, not beside a hand-over; its end is told with whether it left something. */
  beginLook(targetId: string): Promise<Look>;
  tallyOf(targetId: string): TargetTally;
}

export interface Look {
  /** Whether attempts ended here since it began. */
  hasFreed(): boolean;
  saw(left: boolean): void;
  end(): void;
}

/** How long a worker that was put to wait without a look goes without one. */
const LOOK_AFTER_MS = 50;
/** As long as a statement may take that hands jobs over. */
const LATCH_MS = 20;

export function createWaitingWorkers(ports: Ports): WaitingWorkers {
  const queues = new Map<string, WaitingQueue>();
  let frees = 0;
  const queueOf = (targetId: string): WaitingQueue => {
    const queue = queues.get(targetId) ?? newWaitingQueue();
    queues.set(targetId, queue);
    return queue;
  };
  return {
    seat(target, claim, again) {
      const { promise: served, resolve: told } = Promise.withResolvers<void>();
      const queue = target === undefined ? newWaitingQueue() : queueOf(target.id);
      const place: Place = {
        target,
        claim,
        isFresh: claim.fresh === true,
        room: 0,
        serving: undefined,
        attempts: new Map(),
        failure: undefined,
        left: false,
        told,
      };
      let looking: Promise<unknown> | undefined;
      let lookLater: NodeJS.Timeout | undefined;
      // As of these stirs nothing is in the queue: as long as there are no others, there is nothing to see.
      let seenAt = place.isFresh && queue.dry ? queue.stirs : undefined;
      const knewFromOthers = seenAt !== undefined;
      addPlace(queue, place);
      /** Until its look begins something may be handed over; what was is answered without it. */
      const begin = (found: () => Promise<unknown>) => (): number => {
        if (place.left || place.attempts.size > 0 || place.serving !== undefined) return 0;
        place.room = 0;
        looking = found().catch(() => undefined);
        return claim.capacity;
      };
      const lookNow = async (claimNow: ClaimNow): Promise<void> => {
        const found: Promise<ClaimedAttempt[]> = claimNow(
          place.isFresh,
          begin(() => found),
        );
        try {
          takeInto(place, await found);
          place.failure = undefined;
          seenAt = place.isFresh && queue.dry ? queue.stirs : undefined;
        } catch (error) {
          fail(place, error);
          throw error;
        } finally {
          looking = undefined;
        }
        if (place.attempts.size === 0) place.room = claim.capacity;
      };
      return {
        served,
        async look(claimNow) {
          await place.serving;
          if (place.attempts.size > 0) return true;
          const sawNothing = seenAt !== undefined && seenAt === queue.stirs;
          // What may have been given already must be known before more is handed over.
          if (sawNothing || place.isFresh) place.room = claim.capacity;
          if (!sawNothing) await Promise.race([lookNow(claimNow), served]);
          // What others saw is looked at a little later all the same.
          else if (knewFromOthers)
            lookLater ??= setTimeout(() => {
              seenAt = undefined;
              again();
            }, LOOK_AFTER_MS).unref();
          return place.attempts.size > 0;
        },
        async leave() {
          place.left = true;
          removePlace(queue, place);
          clearTimeout(lookLater);
          await looking;
          await place.serving;
          if (place.failure !== undefined) throw place.failure.error;
          return [...place.attempts.values()];
        },
      };
    },
    stirred(targetId) {
      const queue = queues.get(targetId);
      if (queue === undefined) return;
      queue.dry = false;
      queue.stirs += 1;
    },
    freed(ended, ranAt) {
      frees += 1;
      if (ranAt !== undefined) for (const { targetId } of ended) queues.get(targetId)?.tally.ended(ranAt);
    },
    handOver: createHandOver(ports, queues),
    async beginLook(targetId) {
      const queue = queueOf(targetId);
      const release = await queue.latch.enter(LATCH_MS);
      const { stirs } = queue;
      const freesBefore = frees;
      return {
        hasFreed: () => frees !== freesBefore,
        saw(left) {
          queue.backlog = left;
          queue.dry = !left && queue.stirs === stirs;
        },
        // Those who looked are seated again before anything is handed over.
        end: () => void setImmediate(() => release?.()),
      };
    },
    tallyOf: (targetId) => queueOf(targetId).tally,
  };
}
