// What may happen next in a workflow: which waiting steps go on, and which never will. Pure; by place, because a retry
// takes the place of the job that it repeats.
import { isFinalJobState, type JobState } from '@weft/contracts';

export const FAILURE_POLICIES = ['STOP', 'CONTINUE'] as const;
/** STOP: what needs a step that did not succeed fails. CONTINUE: it runs all the same once its needs have ended. */
export type FailurePolicy = (typeof FAILURE_POLICIES)[number];

export interface StepNow {
  readonly index: number;
  /** Places of the steps that it needs. */
  readonly needs: readonly number[];
  /** Of the job that has the last word; null when it was deleted. */
  readonly state: JobState | null;
  /** Waits for what it needs. */
  readonly waits: boolean;
}

export interface StepDecisions {
  readonly released: readonly number[];
  /** Waiting steps that will never run, each with the need because of which. */
  readonly failed: readonly { readonly index: number; readonly need: number }[];
}

type State = JobState | null;
const hasEnded = (state: State | undefined): boolean => state == null || isFinalJobState(state);
const isBroken = (state: State | undefined): boolean => hasEnded(state) && state !== 'SUCCEEDED';

/** Everything that can be said now: a step that fails here fails those that need it in the same breath. */
export function decideSteps(policy: FailurePolicy, steps: readonly StepNow[]): StepDecisions {
  const states = new Map(steps.map((step) => [step.index, step.state]));
  const failed: { index: number; need: number }[] = [];
  let waiting = steps.filter((step) => step.waits);
  for (let found = policy === 'STOP'; found;) {
    found = false;
    for (const { index, needs } of waiting) {
      const need = needs.find((one) => isBroken(states.get(one)));
      if (need === undefined) continue;
      failed.push({ index, need });
      states.set(index, 'FAILED');
      found = true;
    }
    waiting = waiting.filter(({ index }) => states.get(index) === 'PENDING');
  }
  const released = waiting.filter(({ needs }) => needs.every((need) => hasEnded(states.get(need))));
  return { released: released.map((step) => step.index), failed };
}

export interface StepsToRetry {
  /** In the order of their places. */
  readonly ended: readonly number[];
  /** Open ones that were let go already, with results that are none any more once the others run again. */
  readonly underWay: readonly number[];
}

/** Steps that ended without success, and all that depends on them; what waits still is given the new results anyway. */
export function stepsToRetry(steps: readonly StepNow[]): StepsToRetry {
  const chosen = new Set(
    steps.filter(({ state }) => state === 'FAILED' || state === 'CANCELLED').map((step) => step.index),
  );
  for (let grown = chosen.size > 0; grown;) {
    grown = false;
    for (const { index, needs } of steps) {
      if (chosen.has(index) || !needs.some((need) => chosen.has(need))) continue;
      chosen.add(index);
      grown = true;
    }
  }
  const kept = steps.filter(({ index, state }) => chosen.has(index) && state !== null);
  const placesOf = (some: readonly StepNow[]): number[] =>
    some.map(({ index }) => index).toSorted((a, b) => a - b);
  return {
    ended: placesOf(kept.filter(({ state }) => hasEnded(state))),
    underWay: placesOf(kept.filter(({ state, waits }) => !hasEnded(state) && !waits)),
  };
}
