// How fast-check drives the engine and the model side by side.
import type { AsyncCommand } from 'fast-check';
import { expect } from 'vitest';
import { claim, report, sweep, type Deed, type Operation } from './engine-commands.js';
import type { Engine, ReplicaOptions } from './engine.js';
import { forgetAll, refusedReports } from './engine-tables.js';
import { emptyModel, openJobs, type Model } from './job-model.js';
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
    around: (ports) => mortal(death, ports),
    now: () => new Date(clock.now().getTime() - at * SKEW_MS),
    carry: (rows) => void heard.carried.push(...rows),
    jobChanged: ({ id: jobId }, transitions) =>
      void heard.steps.push(...transitions.map((transition) => ({ jobId, transition }))),
  };
  return { engine: origin.replica(options), death };
}

export async function begin(
  origin: Engine,
  clock: JumpingDatabase,
  replicas: number,
): Promise<{ model: State; real: Real }> {
  await forgetAll(origin);
  await clock.setAhead(0);
  const world = { origin, clock, heard: { carried: [], steps: [], deaths: 0 }, frozen: new Map() };
  const real = { ...world, replicas: Array.from({ length: replicas }, (_, at) => born(world, at)) };
  return { model: { model: emptyModel() }, real };
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

/** What has ended is looked at when it ends, and once more when all has. */
const openOf = (model: Model, { frozen }: Real): string[] => idsOf(model).filter((id) => !frozen.has(id));

async function look({ model }: State, real: Real, ids = openOf(model, real)): Promise<void> {
  const { origin, frozen } = real;
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

export const once = (operation: Operation, at = 0): Command =>
  command(`${operation.name} @${at}`, async (state, real) => {
    const deed = operation.plan(state.model);
    if (deed === undefined) return;
    deed.apply(state.model, await deed.perform(replicaAt(real, at).engine), isAlone(real));
    await look(state, real);
  });

export const crash = (at: number): Command =>
  command(`crash @${at}`, async (_, real) => {
    await Promise.resolve(replace(real, replicaAt(real, at)));
  });

/**
 * The process is killed before a write, or before the answer to it: the first leaves nothing, the second all of it. Whoever
 * asked asks again.
 */
export const killed = (operation: Operation, at: number, after: boolean, write: number): Command => {
  const when = after && operation.repeatable ? 'after' : 'before';
  return command(`killed ${when} write ${write} of ${operation.name} @${at}`, async (state, real) => {
    const deed = operation.plan(state.model);
    if (deed === undefined) return;
    const replica = replicaAt(real, at);
    Object.assign(replica.death, { when, write });
    const answer = await deed.perform(replica.engine).catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
      return error;
    });
    // Not everything comes to so many writes.
    replica.death.when = 'never';
    const { refusals } = state.model;
    const writtenDown = (await refusedReports(real.origin)) - refusals;
    const died = answer instanceof Killed || replica.death.write <= 0;
    if (died) replace(real, replica);
    if (died && when === 'before' && operation !== sweep) await look(state, real);
    deed.apply(state.model, died ? await deed.perform(replicaAt(real, at).engine) : answer, isAlone(real));
    // A report that is refused twice is written down twice, unless death came between a guard that did not hold and the refusal.
    expect([0, ...(state.model.refusals > refusals ? [1] : [])]).toContain(writtenDown);
    if (died) state.model.refusals += writtenDown;
    await look(state, real);
  });
};

const ordersOf = <T>(list: readonly T[]): T[][] =>
  list.length < 2
    ? [[...list]]
    : list.flatMap((first, at) => ordersOf(list.toSpliced(at, 1)).map((rest) => [first, ...rest]));

/** All at once: the engine must answer and end as if one had come after the other. */
export const race = (...operations: readonly (readonly [Operation, number])[]): Command =>
  command(
    `race ${operations.map(([operation, at]) => `${operation.name} @${at}`).join(' | ')}`,
    async (state, real) => {
      const planned = operations.flatMap(([operation, at]): [Deed, number][] => {
        const deed = operation.plan(state.model);
        return deed === undefined ? [] : [[deed, at]];
      });
      const seen = await Promise.all(
        planned.map(async ([deed, at]) => ({
          deed,
          answer: await deed.perform(replicaAt(real, at).engine),
        })),
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
    const deed = operation.plan(state.model);
    if (deed === undefined) return;
    for (const at of places) {
      deed.apply(state.model, await deed.perform(replicaAt(real, at).engine), isAlone(real));
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
  for (let round = 0; openJobs(state.model).length > 0; round++) {
    expect(round, 'everything comes to its end').toBeLessThan(80);
    await wait(4).run(state, real);
    await once(sweep, round).run(state, real);
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
