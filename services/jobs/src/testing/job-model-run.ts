// How fast-check drives the engine and the model side by side.
import type { AsyncCommand } from 'fast-check';
import { expect } from 'vitest';
import type { Transact } from '../application/ports.js';
import { claim, report, sweep, type Deed, type Operation } from './engine-commands.js';
import type { Engine } from './engine.js';
import { forgetAll, passTime } from './engine-tables.js';
import { emptyModel, openJobs, type Model } from './job-model.js';
import { compare, compareNews, idsOf, show } from './job-model-check.js';

/** Set: the next transaction dies after its last write. */
export interface Death {
  next: boolean;
}

export const mortal =
  (death: Death) =>
  (transact: Transact): Transact =>
  (work) =>
    transact(async (tx) => {
      const value = await work(tx);
      if (!death.next) return value;
      death.next = false;
      throw new Error('killed before the commit');
    });

export interface Real {
  readonly engine: Engine;
  readonly death: Death;
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

export async function begin(engine: Engine, death: Death): Promise<{ model: State; real: Real }> {
  await forgetAll(engine);
  death.next = false;
  return { model: { model: emptyModel() }, real: { engine, death, frozen: new Map() } };
}

async function look({ model }: State, { engine, frozen }: Real): Promise<void> {
  const shown = await show(engine, idsOf(model));
  compare(model, shown);
  for (const [at, job] of shown.jobs.entries()) {
    if (job === undefined || job.endedAt === null) continue;
    const text = JSON.stringify([job, shown.items[at], shown.attempts[at]]);
    expect(text, 'the end freezes').toBe(frozen.get(job.id) ?? text);
    frozen.set(job.id, text);
  }
}

export const once = (operation: Operation): Command =>
  command(operation.name, async (state, real) => {
    const deed = operation.plan(state.model);
    if (deed === undefined) return;
    deed.apply(state.model, await deed.perform(real.engine), true);
    await look(state, real);
  });

const DEAD = Symbol('killed');

/** The process is killed before its commit: nothing of it is there, and whoever asked asks again. */
export const killed = (operation: Operation): Command =>
  command(`killed ${operation.name}`, async (state, real) => {
    const deed = operation.plan(state.model);
    if (deed === undefined) return;
    real.death.next = true;
    const answer = await deed.perform(real.engine).catch((error: unknown) => {
      if (!String(error).includes('killed')) throw error;
      return DEAD;
    });
    // What is refused by undoing it never comes to its commit.
    real.death.next = false;
    if (answer === DEAD) await look(state, real);
    deed.apply(state.model, answer === DEAD ? await deed.perform(real.engine) : answer, true);
    await look(state, real);
  });

/** Both at once: the engine must answer and end as if one had come after the other. */
export const race = (first: Operation, second: Operation): Command =>
  command(`race ${first.name} | ${second.name}`, async (state, real) => {
    const [one, other] = [first.plan(state.model), second.plan(state.model)];
    if (one === undefined || other === undefined) return;
    const answers = await Promise.all([one.perform(real.engine), other.perform(real.engine)]);
    const orders: readonly [Deed, unknown][][] = [
      [[one, answers[0]], [other, answers[1]]],
      [[other, answers[1]], [one, answers[0]]],
    ]; // prettier-ignore
    const refusals: unknown[] = [];
    for (const order of orders) {
      const model = structuredClone(state.model);
      try {
        for (const [deed, answer] of order) deed.apply(model, answer, false);
        compare(model, await show(real.engine, idsOf(model)));
        state.model = model;
        return await look(state, real);
      } catch (error) {
        refusals.push(error);
      }
    }
    throw new AggregateError(refusals, `neither order explains it: ${refusals.map(String).join(' / ')}`);
  });

/** Sent twice because the answer was lost: one after the other. */
export const again = (operation: Operation): Command =>
  command(`twice ${operation.name}`, async (state, real) => {
    const deed = operation.plan(state.model);
    if (deed === undefined) return;
    for (let time = 0; time < 2; time++) {
      deed.apply(state.model, await deed.perform(real.engine), true);
      await look(state, real);
    }
  });

export const wait = (hours: number): Command =>
  command(`wait ${hours} h`, async (state, real) => {
    await passTime(real.engine, hours);
    state.model.now += hours;
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
    expect(round, 'everything comes to its end').toBeLessThan(40);
    await wait(4).run(state, real);
    await once(sweep).run(state, real);
    const requestId = `settling-${round}`;
    await once(claim({ workerId: 'worker-1', capacity: 10, start: true, requestId })).run(state, real);
    for (const job of openJobs(state.model))
      for (const attempt of job.attempts.filter((one) => one.outcome === 'RUNNING')) {
        const which = latestFirst(state.model).indexOf(attempt.fence);
        const words = ['SUCCEEDED', 'SUCCEEDED'] as const;
        await once(report({ which, kind: 'FINISHED', words, reversed: false, by: 'its worker' })).run(
          state,
          real,
        );
      }
  }
  await wait(100).run(state, real);
  expect(await real.engine.claim({ requestId: 'after-the-end' }), 'nothing is left to claim').toEqual([]);
  await once(sweep).run(state, real);
  await look(state, real);
  await compareNews(real.engine, state.model, await show(real.engine, idsOf(state.model)));
  expect(real.engine.stuck).toEqual([]);
});

const latestFirst = (model: Model): number[] =>
  [...model.jobs.values()].flatMap((job) => job.attempts.map((one) => one.fence)).sort((a, b) => b - a);
