// Workers that wait at this replica: a job that comes into being here is handed to one of them by the statement that
// writes it. It never stands in the queue, and no claim has to look for it.
import type { ClaimedAttempt } from '@weft/contracts';
import { claimSlice, ROUND_ITEMS, type Claim } from './application/claim-work.js';
import { knownJob } from './application/recent-jobs.js';
import { describeAttempts, type GivenAttempt } from './application/describe-attempts.js';
import type { Birth, HandedOver, Ports } from './application/ports.js';
import { createTargetTally, type FreeRoom, type TargetTally } from './application/target-tally.js';
import type { KnownTarget } from './domain/references.js';

/** One worker's request for work, from its first look to its answer. */
export interface Seat {
  /** Resolves when jobs were handed over. */
  readonly served: Promise<void>;
  /**
   * Looks for work; true when there is some.
   * @param claim is told whether the request is still new: after a look that failed it may have been given something.
   */
  look(claim: (capacity: number, fresh: boolean) => Promise<ClaimedAttempt[]>): Promise<boolean>;
  /** What it got. Nothing is handed over from here on. */
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
  /** Hands new jobs to those who wait, as far as the target's limit is known to leave room. */
  handOver(births: readonly Birth[]): HandedOver;
  tallyOf(targetId: string): TargetTally;
}

interface Place {
  readonly target: KnownTarget | undefined;
  readonly claim: Claim;
  /** How many jobs may be handed over now. */
  room: number;
  serving: Promise<void> | undefined;
  /** By job and number: a repeated look may name again what was handed over. */
  readonly attempts: Map<string, ClaimedAttempt>;
  readonly told: () => void;
}

interface Serving {
  readonly gifts: GivenAttempt[];
  items: number;
  readonly done: () => void;
}

/** What was seen of a target's queue last. */
interface Queue {
  /** Whether more waits there than was asked for. */
  backlog: boolean;
  /** Nothing was left, and nothing has come since. */
  dry: boolean;
  stirs: number;
  readonly tally: TargetTally;
  readonly places: Set<Place>;
}

const take = ({ attempts }: Place, given: readonly ClaimedAttempt[]): void => {
  for (const one of given) attempts.set(`${one.jobId}:${one.attempt}`, one);
};

/** How long a worker that was put to wait without a look goes without one. */
const LOOK_AFTER_MS = 50;

export function createWaitingWorkers(ports: Ports): WaitingWorkers {
  const queues = new Map<string, Queue>();
  // Apart from the slots that claims take, and from those of other replicas.
  let slot = 1_000 + Math.floor(Math.random() * 1e9);

  const newQueue = (): Queue => ({
    backlog: true,
    dry: false,
    stirs: 0,
    tally: createTargetTally(),
    places: new Set(),
  });
  const queueOf = (targetId: string): Queue => {
    const queue = queues.get(targetId) ?? newQueue();
    queues.set(targetId, queue);
    return queue;
  };

  const answer = async (
    place: Place,
    serving: Serving,
    written: ReadonlyMap<string, Birth>,
  ): Promise<void> => {
    const { target, claim } = place;
    const given = serving.gifts.filter(({ known }) => written.get(known.job.id)?.given !== undefined);
    try {
      const [attempts = []] =
        target === undefined ? [] : await describeAttempts(ports, target, [claim], given);
      take(place, attempts);
      if (attempts.length > 0) place.told();
      else if (given.length === 0) place.room += serving.gifts.length;
    } catch (error) {
      // They are the worker's all the same: asking again under the same id tells it so.
      for (const { known } of given) ports.signals.stuck(known.job.id, error);
    } finally {
      place.serving = undefined;
      serving.done();
    }
  };

  /** The job as it is once the worker has it. */
  const handTo = (
    place: Place,
    serving: Serving,
    birth: Birth,
    { round }: FreeRoom,
    now: Date,
  ): Birth | undefined => {
    if (place.target === undefined) return undefined;
    const { job, items } = birth.born;
    const known = { job, items, at: job.submittedAt, attempts: [], input: birth.facts, values: birth.input };
    const gift = claimSlice(ports, place.target, known, place.claim, (slot += 1), [round], now);
    if (gift === undefined || serving.items + gift.attempt.items.length > ROUND_ITEMS) return undefined;
    const { workerId, requestId } = place.claim;
    const given = { ...known, items: gift.change.allItems };
    // Known before it is written, so that nobody has to read what is just being told here.
    ports.recent.remember(knownJob(gift.change.job, given.items, gift.change.attempts, birth));
    serving.gifts.push({ workerId, requestId, known: given, attempt: gift.attempt });
    serving.items += gift.attempt.items.length;
    place.room -= 1;
    return { ...birth, given: { change: gift.change, round } };
  };

  return {
    seat(target, claim, again) {
      const { promise: served, resolve: told } = Promise.withResolvers<void>();
      const queue = target === undefined ? newQueue() : queueOf(target.id);
      const place: Place = { target, claim, room: 0, serving: undefined, attempts: new Map(), told };
      let looking: Promise<unknown> | undefined;
      let lookLater: NodeJS.Timeout | undefined;
      // As of these stirs nothing is in the queue: as long as there are no others, there is nothing to see.
      let isFresh = claim.fresh === true;
      let seenAt = isFresh && queue.dry ? queue.stirs : undefined;
      const knewFromOthers = seenAt !== undefined;
      queue.places.add(place);
      return {
        served,
        async look(claimNow) {
          await place.serving;
          if (place.attempts.size > 0) return true;
          if (seenAt !== undefined && seenAt === queue.stirs) {
            place.room = claim.capacity;
            // What others saw is looked at a little later all the same.
            if (knewFromOthers)
              lookLater ??= setTimeout(() => {
                seenAt = undefined;
                again();
              }, LOOK_AFTER_MS).unref();
            return false;
          }
          // While it looks, half of its room is for what comes new, unless there is enough of what is old.
          const asked = queue.backlog || !isFresh ? claim.capacity : Math.ceil(claim.capacity / 2);
          place.room = claim.capacity - asked;
          const { stirs } = queue;
          const found = claimNow(asked, isFresh);
          looking = found.catch(() => undefined);
          try {
            const attempts = await found;
            queue.backlog = attempts.length >= asked;
            queue.dry = !queue.backlog && queue.stirs === stirs;
            seenAt = queue.dry && isFresh ? stirs : undefined;
            take(place, attempts);
          } catch (error) {
            isFresh = false;
            throw error;
          } finally {
            looking = undefined;
          }
          if (place.attempts.size === 0 && place.serving === undefined) place.room = claim.capacity;
          return place.attempts.size > 0;
        },
        async leave() {
          queue.places.delete(place);
          clearTimeout(lookLater);
          await looking;
          await place.serving;
          return [...place.attempts.values()];
        },
      };
    },
    stirred(targetId) {
      const queue = queueOf(targetId);
      queue.dry = false;
      queue.stirs += 1;
    },
    tallyOf: (targetId) => queueOf(targetId).tally,
    handOver(births) {
      const servings = new Map<Place, Serving>();
      const rooms = new Map<string, { readonly free: FreeRoom | undefined; given: number }>();
      const now = ports.now();
      const roomFor = ({ born: { job }, input }: Birth) => {
        if (job.claimableAt === null || job.claimableAt > now || input === null) return undefined;
        if (job.gated || ports.limits.concurrentAttempts !== null) return undefined;
        const queue = queueOf(job.targetId);
        if (queue.backlog) return undefined;
        const room = rooms.get(job.targetId) ?? { free: queue.tally.free(), given: 0 };
        rooms.set(job.targetId, room);
        const { free } = room;
        if (free === undefined || room.given >= free.left || free.isLimited(job.organizationId))
          return undefined;
        return { room, free, places: queue.places };
      };
      const handed = births.map((birth): Birth => {
        const found = roomFor(birth);
        if (found === undefined) return birth;
        for (const place of found.places) {
          const open = place.serving === undefined && place.attempts.size === 0;
          if (place.room === 0 || (!open && !servings.has(place))) continue;
          const { promise, resolve } = Promise.withResolvers<void>();
          const serving = servings.get(place) ?? { gifts: [], items: 0, done: resolve };
          const given = handTo(place, serving, birth, found.free, now);
          if (given === undefined) continue;
          if (!servings.has(place)) place.serving = promise;
          servings.set(place, serving);
          found.room.given += 1;
          // The next job goes to the next worker.
          found.places.delete(place);
          found.places.add(place);
          return given;
        }
        return birth;
      });
      return {
        births: handed,
        settle: (written) => {
          const given = [...written.values()].filter((birth) => birth.given !== undefined);
          for (const [targetId, room] of rooms) {
            const here = given.filter(({ born }) => born.job.targetId === targetId).length;
            const { tally } = queueOf(targetId);
            if (here > 0 && room.free !== undefined) tally.given(room.free.round, here);
            else if (room.given > 0) tally.lost();
          }
          for (const serving of servings.values())
            for (const { known } of serving.gifts)
              if (written.get(known.job.id)?.given === undefined) ports.recent.forget(known.job.id);
          for (const [place, serving] of servings) void answer(place, serving, written);
        },
      };
    },
  };
}
