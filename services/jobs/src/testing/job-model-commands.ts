// Ways to do operations: at once, twice, many; and to let time pass, until everything has come to its end.
import { expect } from 'vitest';
import { openJobs, runningOf } from './job-model.js';
import { compare, compareHeard, compareNews, idsOf, show } from './job-model-check.js';
import { apply, command, isAlone, look, once, openOf, perform, type Command } from './job-model-run.js';
import type { Deed, Operation } from './operation.js';
import { claim } from './operations-of-claims.js';
import { limit } from './operations-of-clients.js';
import { leave } from './operations-of-seats.js';
import { passDeadlines, sweep } from './operations-of-time.js';
import { report } from './operations-of-workers.js';

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
        const ofMany = operation.stepwise === true || operation.ofMany === true;
        const isOne = stepwise === undefined || operation === stepwise || !ofMany;
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
  await once(passDeadlines).run(state, real);
  await once(sweep).run(state, real);
});

/** Lets honest workers finish what is left, then looks at everything once more. */
export const settle: Command = command('settle', async (state, real) => {
  while (state.model.seats.size > 0) await once(leave(0)).run(state, real);
  for (const of of [0, 1, undefined]) await once(limit(of, null)).run(state, real);
  for (let round = 0; openJobs(state.model).length > 0; round++) {
    expect(round, 'everything comes to its end').toBeLessThan(80);
    await wait(4).run(state, real);
    const requestId = `settling-${round}`;
    const choice = { workerId: 'worker-1', capacity: 10, start: true, requestId };
    for (const one of [sweep, passDeadlines, claim(choice)]) await apply(one, round, state, real);
    for (const { attempt } of runningOf(state.model)) {
      const which = state.model.claims - attempt.order;
      const words = ['SUCCEEDED', 'SUCCEEDED'] as const;
      const honest = report({ which, kind: 'FINISHED', words, reversed: false, by: 'its worker' });
      await apply(honest, round, state, real);
    }
    await look(state, real);
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
