// New jobs are handed to workers that wait by the statement that writes them: they never stand in the queue, and no
// claim has to look for them.
import { claimSlice, ROUND_ITEMS } from './application/claim-work.js';
import { describeAttempts, type GivenAttempt } from './application/describe-attempts.js';
import type { Birth, HandedOver, Ports } from './application/ports.js';
import { knownJob } from './application/recent-jobs.js';
import type { FreeRoom } from './application/target-tally.js';
import { fail, takeInto, type Place, type WaitingQueue } from './waiting-queue.js';

/** As long as a claim may take that is under way. */
const LATCH_MS = 20;

/** What is handed over to one place. */
interface Serving {
  readonly gifts: GivenAttempt[];
  items: number;
  readonly done: () => void;
}

/** A target for as long as new jobs of it are handed over. */
interface Opening {
  readonly queue: WaitingQueue;
  readonly free: FreeRoom;
  given: number;
  readonly release: () => void;
}

/** Hands new jobs to those who wait, as far as the target's limit is known to leave room. */
export function createHandOver(
  ports: Ports,
  queues: ReadonlyMap<string, WaitingQueue>,
): (births: readonly Birth[]) => Promise<HandedOver> {
  // Apart from the slots that claims take, and from those of other replicas.
  let slot = 1_000 + Math.floor(Math.random() * 1e9);

  const isForHandOver = ({ born: { job }, input, queued }: Birth, now: Date): boolean =>
    job.claimableAt !== null && job.claimableAt <= now && input !== null && queued !== true && !job.gated;

  const open = async (targetId: string): Promise<Opening | undefined> => {
    const queue = queues.get(targetId);
    if (queue === undefined || queue.backlog || queue.places.size === 0) return undefined;
    const release = await queue.latch.enter(LATCH_MS);
    if (release === undefined) return undefined;
    const free = queue.backlog ? undefined : queue.tally.free();
    if (free !== undefined) return { queue, free, given: 0, release };
    release();
    return undefined;
  };

  const openAll = async (births: readonly Birth[]): Promise<Map<string, Opening>> => {
    const openings = new Map<string, Opening>();
    if (ports.limits.concurrentAttempts !== null) return openings;
    const now = ports.now();
    const wanted = births.filter((birth) => isForHandOver(birth, now)).map(({ born }) => born.job.targetId);
    for (const targetId of new Set(wanted)) {
      const opening = await open(targetId);
      if (opening !== undefined) openings.set(targetId, opening);
    }
    return openings;
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
      takeInto(place, attempts);
    } catch (error) {
      // They are the worker's all the same.
      if (given.length > 0) fail(place, error);
    } finally {
      place.serving = undefined;
      serving.done();
    }
    if (given.length > 0) place.told();
    else place.room += serving.gifts.length;
  };

  /** The job as it is once the worker has it. */
  const handTo = (place: Place, serving: Serving, birth: Birth, { round }: FreeRoom): Birth | undefined => {
    if (place.target === undefined) return undefined;
    const { job, items } = birth.born;
    const known = { job, items, at: job.submittedAt, attempts: [], input: birth.facts, values: birth.input };
    const gift = claimSlice(ports, place.target, known, place.claim, (slot += 1), [round], ports.now());
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

  const hand = (opening: Opening, servings: Map<Place, Serving>, birth: Birth): Birth => {
    const { queue, free } = opening;
    if (opening.given >= free.left || free.isLimited(birth.born.job.organizationId)) return birth;
    for (const [workerId, places] of queue.places)
      for (const place of places) {
        const isOpen =
          place.serving === undefined && place.attempts.size === 0 && place.failure === undefined;
        if (place.room === 0 || (!isOpen && !servings.has(place))) continue;
        const { promise, resolve } = Promise.withResolvers<void>();
        const serving = servings.get(place) ?? { gifts: [], items: 0, done: resolve };
        const given = handTo(place, serving, birth, free);
        if (given === undefined) continue;
        if (!servings.has(place)) place.serving = promise;
        servings.set(place, serving);
        opening.given += 1;
        // The next job goes to the next worker; of one worker's requests one is filled before the next.
        queue.places.delete(workerId);
        queue.places.set(workerId, places);
        return given;
      }
    return birth;
  };

  return async (births) => {
    const openings = await openAll(births);
    const servings = new Map<Place, Serving>();
    const now = ports.now();
    const handed = births.map((birth): Birth => {
      const opening = isForHandOver(birth, now) ? openings.get(birth.born.job.targetId) : undefined;
      return opening === undefined ? birth : hand(opening, servings, birth);
    });
    return {
      births: handed,
      settle(written) {
        const given = [...written.values()].filter((birth) => birth.given !== undefined);
        for (const [targetId, opening] of openings) {
          const here = given.filter(({ born }) => born.job.targetId === targetId).length;
          if (here > 0) opening.queue.tally.given(opening.free.round, here);
          else if (opening.given > 0) opening.queue.tally.lost();
          opening.release();
        }
        for (const [place, serving] of servings) {
          for (const { known } of serving.gifts)
            if (written.get(known.job.id)?.given === undefined) ports.recent.forget(known.job.id);
          void answer(place, serving, written);
        }
      },
    };
  };
}
