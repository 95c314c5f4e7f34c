// How fast-check drives the engine and the model side by side.
import type { AsyncCommand } from 'fast-check';
import { expect } from 'vitest';
import type { Engine, ReplicaOptions } from './engine.js';
import { forgetAll } from './engine-tables.js';
import { emptyModel, OF_DEFINITION, type Model } from './job-model.js';
import { compare, compareTables, idsOf, show, type Heard } from './job-model-check.js';
import type { JumpingDatabase } from './jumping-clock.js';
import { Killed, mortal, noDeath, type Death } from './mortal.js';
import type { Deed, Operation } from './operation.js';
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

export const command = (name: string, run: (state: State, real: Real) => Promise<void>): Command => ({
  check: () => true,
  run,
  toString: () => name,
});

/** How far the clocks of two replicas may be from each other. */
const SKEW_MS = 50;

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

export const replicaAt = (real: Real, at: number): Replica =>
  real.replicas[at % real.replicas.length] as Replica;

/** Nobody else has moved a job on: what the replica remembers is how it is. */
export const isAlone = (real: Real): boolean => real.replicas.length === 1;

/** The process is gone, and its memory with it; another one takes its place. */
export function replace(real: Real, replica: Replica): void {
  const at = real.replicas.indexOf(replica);
  expect(replica.engine.stuck).toEqual([]);
  real.replicas[at] = born(real, at);
  real.heard.deaths++;
}

/** What has ended is looked at when it ends, and once more when all has. */
export const openOf = (model: Model, { frozen }: Real): string[] =>
  idsOf(model).filter((id) => !frozen.has(id));

export async function look({ model }: State, real: Real, ids = openOf(model, real)): Promise<void> {
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

export const perform = (real: Real, deed: Deed, at: number): Promise<unknown> =>
  deed.perform(replicaAt(real, deed.at ?? at).engine);

/** On the engine and on the model. */
export async function apply(operation: Operation, at: number, { model }: State, real: Real): Promise<void> {
  const deed = operation.plan(model, at);
  deed?.apply(model, await perform(real, deed, at), isAlone(real));
}

export const once = (operation: Operation, at = 0): Command =>
  command(`${operation.name} @${at}`, async (state, real) => {
    await apply(operation, at, state, real);
    await look(state, real);
  });

/** One after the other at one replica, and looked at once: so that much waits before anybody asks. */
export const several = (operations: readonly Operation[], at: number): Command =>
  command(`${operations.map((one) => one.name).join(', ')} @${at}`, async (state, real) => {
    for (const operation of operations) await apply(operation, at, state, real);
    await look(state, real);
  });
