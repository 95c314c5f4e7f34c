// Workers that wait at a replica: they look, new jobs are handed to them by the statement that writes these, they leave
// with what they got. A seat is gone with its process; what it was given is the worker's all the same.
import { expect } from 'vitest';
import type { ClaimedAttempt } from '@weft/contracts';
import type { Seat } from '../waiting-workers.js';
import type { Engine } from './engine.js';
import type { HandedOver } from './engine-tables.js';
import type { Model, ModelJob, ModelSeat } from './job-model.js';
import { givenBy, isLimited } from './job-model-limits.js';
import {
  adoptAll,
  expectSameAgain,
  expectSlice,
  take,
  tellOf,
  told,
  type Asked,
} from './operations-of-claims.js';
import { pick, TARGET_ID, type Operation } from './operation.js';

/** Of each process. */
const seats = new WeakMap<Engine, Map<string, Seat>>();

const seatsOf = (engine: Engine): Map<string, Seat> => {
  const own = seats.get(engine) ?? new Map<string, Seat>();
  seats.set(engine, own);
  return own;
};

/** A look at the queue, where there was one. */
interface Look {
  readonly asked: number;
  readonly fresh: boolean;
  readonly attempts: readonly ClaimedAttempt[];
}

async function lookFrom(seat: Seat, { desk, ports }: Engine, asked: Asked): Promise<Look | undefined> {
  const { workerId, requestId, start } = asked;
  let found: Look | undefined;
  const { targetIds } = await ports.hot.promote(100);
  targetIds.forEach(desk.stirred);
  await seat.look(async (fresh, begin) => {
    let room = 0;
    const request = { requestId, capacity: asked.capacity, start, fresh, begin: () => (room = begin()) };
    const attempts = await desk.claim({ workerId, targetId: TARGET_ID }, request);
    // What was handed over before it began is told by who handed it over.
    if (room > 0) found = { asked: room, fresh, attempts };
    return attempts;
  });
  return found;
}

function applyLook(model: Model, seat: ModelSeat, look: Look | undefined, alone: boolean): void {
  if (look === undefined) return;
  const { attempts, asked: capacity, fresh } = look;
  // Who says that it asks for the first time is not told what it was given before.
  const before = fresh ? [] : givenBy(model, seat);
  if (before.length === 0)
    for (const attempt of adoptAll(model, { ...seat, capacity }, attempts, alone)) seat.told.add(attempt);
  else {
    expectSameAgain(attempts, before);
    for (const { attempt } of before) seat.told.add(attempt);
  }
}

export interface SitChoice extends Asked {
  /** It says that it asks for the first time. */
  readonly fresh: boolean;
}

export const sit = ({ fresh, ...asked }: SitChoice): Operation => ({
  name: `sit ${JSON.stringify({ fresh, ...asked })}`,
  repeatable: true,
  plan(_, at) {
    let times = 0;
    return {
      async perform(engine) {
        const claimant = { workerId: asked.workerId, targetId: TARGET_ID };
        const request = { ...asked, fresh: fresh && times++ === 0 };
        const seat = await engine.desk.seat(claimant, request, () => undefined);
        seatsOf(engine).set(asked.requestId, seat);
        return lookFrom(seat, engine, asked).catch(async (error: unknown) => {
          await seat.leave();
          throw error;
        });
      },
      apply(later, observed, alone) {
        const seat: ModelSeat = { ...asked, at, told: new Set(), untold: new Set() };
        later.seats.set(asked.requestId, seat);
        applyLook(later, seat, observed as Look | undefined, alone);
      },
    };
  },
});

const planFor = (
  model: Model,
  which: number,
  perform: (engine: Engine, seat: Seat, known: ModelSeat) => Promise<unknown>,
  apply: (model: Model, seat: ModelSeat, observed: unknown, alone: boolean) => void,
): ReturnType<Operation['plan']> => {
  const known = pick([...model.seats.values()], which);
  if (known === undefined) return undefined;
  const { at, requestId } = known;
  return {
    at,
    perform: (engine) => perform(engine, seatsOf(engine).get(requestId) as Seat, known),
    apply(later, observed, alone) {
      const seat = later.seats.get(requestId);
      if (seat !== undefined) apply(later, seat, observed, alone);
    },
  };
};

/** It was woken, or has waited for long enough. */
export const lookAgain = (which: number): Operation => ({
  name: `look again ${which}`,
  repeatable: true,
  plan: (model) =>
    planFor(
      model,
      which,
      (engine, seat, known) => lookFrom(seat, engine, known),
      (later, seat, observed, alone) => applyLook(later, seat, observed as Look | undefined, alone),
    ),
});

/** @param after so many round trips to the database: what is begun at the same time is under way by then. */
export const leave = (which: number, after = 0): Operation => ({
  name: `leave ${which} after ${after}`,
  repeatable: true,
  plan: (model) =>
    planFor(
      model,
      which,
      async ({ database }, seat) => {
        for (let trip = 0; trip < after; trip++) await database.query('select 1');
        return seat.leave();
      },
      (later, seat, observed) => {
        later.seats.delete(seat.requestId);
        const heard = told(observed as ClaimedAttempt[]);
        const all = (given: ReadonlySet<unknown>): string[] =>
          [...later.jobs.values()].flatMap((job) =>
            job.attempts.filter((one) => given.has(one)).map((one) => tellOf(job.id, one)),
          );
        const surely = all(seat.told);
        const perhaps = new Set(all(seat.untold));
        expect(heard.filter((one) => surely.includes(one) || !perhaps.has(one)).sort()).toEqual(
          surely.sort(),
        );
      },
    ),
});

/** A job that was born into the hands of a worker that waited. */
export function adoptGift(model: Model, job: ModelJob, gift: HandedOver): void {
  const seat = model.seats.get(gift.requestId);
  if (seat === undefined) throw new Error(`job ${job.id} was handed to nobody who waits: ${gift.requestId}`);
  expect(isLimited(model, job), 'handed over under a limit of its own').toBe(false);
  expectSlice(model, job, gift.items, true);
  expect(gift.workerId).toBe(seat.workerId);
  seat.told.add(take(model, job, seat, gift));
  expect(seat.told.size, 'no more than asked for').toBeLessThanOrEqual(seat.capacity);
}
