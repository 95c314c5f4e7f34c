// How fast-check drives the engine and the model side by side.
import type { AsyncCommand } from 'fast-check';
import { expect } from 'vitest';
import type { Engine, ReplicaOptions } from './engine.js';
import { forgetAll, refusedReports } from './engine-tables.js';
import {
  emptyModel,
  OF_DEFINITION,
  openJobs,
  type Model,
  type ModelAttempt,
  type ModelSeat,
} from './job-model.js';
import {
  compare,
  compareHeard,
  compareNews,
  compareTables,
  idsOf,
  show,
  type Heard,
} from './job-model-check.js';
import type { JumpingDatabase } from './jumping-clock.js';
import { Killed, mortal, noDeath, type Death } from './mortal.js';
import { TARGET_ID, type Deed, type Operation } from './operation.js';
import { claim } from './operations-of-claims.js';
import { limit } from './operations-of-clients.js';
import { leave } from './operations-of-seats.js';
import { passDeadlines, sweep } from './operations-of-time.js';
import { report } from './operations-of-workers.js';
import { aDefinition } from './stored-jobs.js';

/** One process of several on the same database. */
interface Replica {
  readonly engine: Engine;
  readonly death: Death;
}

export interface Real {
  /** As it was started, without memory. */
  readonly origin: Engine;
  readonly clock: JumpingDatabase;
  readonly replicas: Replica[];
  readonly heard: Heard;
  /** Jobs as they were shown when they ended. */
  readonly frozen: Map<string, string>;
}

/** Commands share one state, which a race replaces by the order that fits. */
export interface State {
  model: Model;
}

export type Command = AsyncCommand<State, Real>;

const command = (name: string, run: (state: State, real: Real) => Promise<void>): Command => ({
  check: () => true,
  run,
  toString: () => name,
});

/** How far the clocks of two replicas may be from each other. */
const SKEW_MS = 10;

function born({ origin, clock, heard }: Omit<Real, 'replicas'>, at: number): Replica {
  const death = noDeath();
  const options: ReplicaOptions = {
    through: (database) => mortal(death, database),
    now: () => new Date(clock.now().getTime() - at * SKEW_MS),
    carry: (rows) => void heard.carried.push(...rows),
    signals: {
      jobChanged: ({ id: jobId }, transitions) =>
        void heard.steps.push(...transitions.map((transition) => ({ jobId, transition }))),
      claimable: (targetId) => engine.desk.stirred(targetId),
      freed: () => engine.desk.heldBack().forEach(engine.desk.stirred),
      stuck: (jobId, error) => void (error instanceof Killed || engine.stuck.push(jobId)),
    },
  };
  const engine = origin.replica(options);
  return { engine, death };
}

export async function begin(
  origin: Engine,
  clock: JumpingDatabase,
  replicas: number,
): Promise<{ model: State; real: Real }> {
  await forgetAll(origin);
  await clock.setAhead(0);
  const { maxAttempts, priority } = OF_DEFINITION;
  const definitionId = await aDefinition(origin, { template: { maxAttempts, priority } });
  const organizations = origin.user.organizations.map((one) => one.id);
  const world = { origin, clock, heard: { carried: [], steps: [], deaths: 0 }, frozen: new Map() };
  const real = { ...world, replicas: Array.from({ length: replicas }, (_, at) => born(world, at)) };
  return { model: { model: emptyModel({ began: clock.now(), organizations, definitionId }) }, real };
}

const replicaAt = (real: Real, at: number): Replica => real.replicas[at % real.replicas.length] as Replica;

/** Nobody else has moved a job on: what the replica remembers is how it is. */
const isAlone = (real: Real): boolean => real.replicas.length === 1;

/** The process is gone, and its memory with it; another one takes its place. */
function replace(real: Real, replica: Replica): void {
  const at = real.replicas.indexOf(replica);
  expect(replica.engine.stuck).toEqual([]);
  real.replicas[at] = born(real, at);
  real.heard.deaths++;
}

/** Each by a look at the queue: without one it would go on for some seconds by what it saw. */
const hearOfLimits = ({ replicas }: Real): Promise<unknown> =>
  Promise.all(
    replicas.map(({ engine: { desk } }) =>
      desk.claim(
        { workerId: 'nobody', targetId: TARGET_ID },
        { requestId: 'nothing', capacity: 0, start: false },
      ),
    ),
  );

/** What has ended is looked at when it ends, and once more when all has. */
const openOf = (model: Model, { frozen }: Real): string[] => idsOf(model).filter((id) => !frozen.has(id));

async function look({ model }: State, real: Real, ids = openOf(model, real)): Promise<void> {
  const { origin, frozen } = real;
  if (model.limitsAreNew) await hearOfLimits(real);
  model.limitsAreNew = false;
  const shown = await show(origin, ids);
  compare(model, shown);
  await compareTables(origin);
  for (const [at, job] of shown.jobs.entries()) {
    if (job === undefined || job.endedAt === null) continue;
    const text = JSON.stringify([job, shown.items[at], shown.attempts[at]]);
    expect(text, 'the end freezes').toBe(frozen.get(job.id) ?? text);
    frozen.set(job.id, text);
  }
}

const perform = (real: Real, deed: Deed, at: number): Promise<unknown> =>
  deed.perform(replicaAt(real, deed.at ?? at).engine);

export const once = (operation: Operation, at = 0): Command =>
  command(`${operation.name} @${at}`, async (state, real) => {
    const deed = operation.plan(state.model, at);
    if (deed === undefined) return;
    deed.apply(state.model, await perform(real, deed, at), isAlone(real));
    await look(state, real);
  });

/** Workers that wait at this replica. */
const waitingAt = ({ model }: State, real: Real, at: number): ModelSeat[] =>
  [...model.seats.values()].filter((seat) => replicaAt(real, seat.at) === replicaAt(real, at));

/** @param elsewhere where the workers that waited there ask again, under the same ids; undefined: they do not. */
export const crash = (at: number, elsewhere: number | undefined): Command =>
  command(`crash @${at}, then ask @${elsewhere ?? 'nowhere'}`, async (state, real) => {
    const seats = waitingAt(state, real, at);
    replace(real, replicaAt(real, at));
    for (const { requestId, workerId, capacity, start } of seats) {
      state.model.seats.delete(requestId);
      if (elsewhere !== undefined)
        await once(claim({ requestId, workerId, capacity, start }), elsewhere).run(state, real);
    }
  });

/** How a write ends badly: the process dies before it, dies before the answer, or loses the answer and lives on. */
export type Fate = 'before' | 'after' | 'unanswered';

/**
 * The process is killed before a write, or before the answer to it: the first leaves nothing, the second all of it. Whoever
 * asked asks again.
 */
export const killed = (operation: Operation, at: number, fate: Fate, write: number): Command => {
  const when = fate !== 'before' && operation.repeatable ? 'after' : 'before';
  const survived = fate === 'unanswered';
  return command(`killed ${when} write ${write} of ${operation.name} @${at} ${fate}`, async (state, real) => {
    const deed = operation.plan(state.model, at);
    if (deed === undefined) return;
    const replica = replicaAt(real, deed.at ?? at);
    const seats = waitingAt(state, real, real.replicas.indexOf(replica));
    const told = new Map([...state.model.seats.values()].map((seat) => [seat, new Set(seat.told)]));
    Object.assign(replica.death, { when, write, survived });
    const answer = await deed.perform(replica.engine).catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
      return error;
    });
    // Not everything comes to so many writes.
    replica.death.when = 'never';
    const { refusals } = state.model;
    const writtenDown = (await refusedReports(real.origin)) - refusals;
    const died = answer instanceof Killed || replica.death.write <= 0;
    if (died && survived) real.heard.deaths++;
    if (died && !survived) replace(real, replica);
    if (died && when === 'before' && operation.stepwise !== true) await look(state, real);
    deed.apply(state.model, died ? await perform(real, deed, at) : answer, isAlone(real));
    if (died && !survived) for (const { requestId } of seats) state.model.seats.delete(requestId);
    if (died) for (const [seat, before] of told) unsettle(seat, before);
    // A report that is refused twice is written down twice, unless death came between a guard that did not hold and the refusal.
    expect([0, ...(state.model.refusals > refusals ? [1] : [])]).toContain(writtenDown);
    if (died) state.model.refusals += writtenDown;
    await look(state, real);
  });
};

/** The answer that told the seat may be the one that was lost. */
function unsettle({ told, untold }: ModelSeat, before: ReadonlySet<ModelAttempt>): void {
  for (const attempt of [...told].filter((one) => !before.has(one))) {
    told.delete(attempt);
    untold.add(attempt);
  }
}

const ordersOf = <T>(list: readonly T[]): T[][] =>
  list.length < 2
    ? [[...list]]
    : list.flatMap((first, at) => ordersOf(list.toSpliced(at, 1)).map((rest) => [first, ...rest]));

/** All at once: the engine must answer and end as if one had come after the other. */
export const race = (...operations: readonly (readonly [Operation, number])[]): Command =>
  command(
    `race ${operations.map(([operation, at]) => `${operation.name} @${at}`).join(' | ')}`,
    async (state, real) => {
      // Two that go from job to job may come in one order at one job and in the other at the next.
      const stepwise = operations.find(([operation]) => operation.stepwise)?.[0];
      const planned = operations.flatMap(([operation, at]): [Deed, number][] => {
        const deed = operation.plan(state.model, at);
        const isOne = operation.stepwise !== true || operation === stepwise;
        return deed === undefined || !isOne ? [] : [[deed, at]];
      });
      const seen = await Promise.all(
        planned.map(async ([deed, at]) => ({ deed, answer: await perform(real, deed, at) })),
      );
      const refusals: unknown[] = [];
      for (const order of ordersOf(seen)) {
        const model = structuredClone(state.model);
        try {
          for (const { deed, answer } of order) deed.apply(model, answer, false);
          compare(model, await show(real.origin, openOf(model, real)));
          state.model = model;
          return await look(state, real);
        } catch (error) {
          refusals.push(error);
        }
      }
      throw new AggregateError(refusals, `no order explains it: ${refusals.map(String).join(' / ')}`);
    },
  );

/** Sent twice because the answer was lost: one after the other, perhaps to another replica. */
export const again = (operation: Operation, ...places: readonly number[]): Command =>
  command(`twice ${operation.name} @${places.join()}`, async (state, real) => {
    const deed = operation.plan(state.model, places[0] ?? 0);
    if (deed === undefined) return;
    for (const at of places) {
      deed.apply(state.model, await perform(real, deed, at), isAlone(real));
      await look(state, real);
    }
  });

export const wait = (hours: number): Command =>
  command(`wait ${hours} h`, async (state, real) => {
    state.model.now += hours;
    await real.clock.setAhead(state.model.now);
  });

/** A worker takes all that it can and is never heard of again. */
export const vanish: Command = command('vanish', async (state, real) => {
  const requestId = `vanished-at-${state.model.now}`;
  await once(claim({ workerId: 'worker-2', capacity: 10, start: true, requestId })).run(state, real);
  await wait(4).run(state, real);
  await once(sweep).run(state, real);
});

/** Lets honest workers finish what is left, then looks at everything once more. */
export const settle: Command = command('settle', async (state, real) => {
  while (state.model.seats.size > 0) await once(leave(0)).run(state, real);
  for (const of of [0, 1, undefined]) await once(limit(of, null)).run(state, real);
  for (let round = 0; openJobs(state.model).length > 0; round++) {
    expect(round, 'everything comes to its end').toBeLessThan(80);
    await wait(4).run(state, real);
    await once(sweep, round).run(state, real);
    await once(passDeadlines, round).run(state, real);
    const requestId = `settling-${round}`;
    const choice = { workerId: 'worker-1', capacity: 10, start: true, requestId };
    await once(claim(choice), round).run(state, real);
    for (const job of openJobs(state.model))
      for (const attempt of job.attempts.filter((one) => one.outcome === 'RUNNING')) {
        const which = state.model.claims - attempt.order;
        const words = ['SUCCEEDED', 'SUCCEEDED'] as const;
        const honest = report({ which, kind: 'FINISHED', words, reversed: false, by: 'its worker' });
        await once(honest, round).run(state, real);
      }
  }
  await wait(100).run(state, real);
  for (const { engine } of real.replicas)
    expect(await engine.claim({ requestId: 'after-the-end' }), 'nothing is left to claim').toEqual([]);
  await once(sweep).run(state, real);
  await look(state, real, idsOf(state.model));
  const shown = await show(real.origin, idsOf(state.model));
  await compareNews(real.origin, state.model, shown);
  await compareHeard(real.origin, state.model, shown, real.heard);
  for (const { engine } of real.replicas) expect(engine.stuck).toEqual([]);
});
