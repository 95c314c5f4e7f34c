// Processes that die, and connections that break: whoever asked asks again, and nothing is lost or done twice.
import { expect } from 'vitest';
import { refusedReports } from './engine-tables.js';
import type { ModelAttempt, ModelSeat } from './job-model.js';
import {
  command,
  isAlone,
  look,
  once,
  perform,
  replace,
  replicaAt,
  type Command,
  type Real,
  type State,
} from './job-model-run.js';
import { Killed } from './mortal.js';
import type { Operation } from './operation.js';
import { claim } from './operations-of-claims.js';

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
