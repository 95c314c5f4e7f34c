// How work is asked for and given.
import { expect } from 'vitest';
import type { ClaimedAttempt } from '@weft/contracts';
import {
  duePending,
  jobOf,
  SLICE,
  TIMES,
  type Model,
  type ModelAttempt,
  type ModelJob,
  type Running,
} from './job-model.js';
import { claimable, fullFor, givenBy, overdue, passedOver } from './job-model-limits.js';
import { claimed } from './job-model-moves.js';
import { refusalOf, type Operation } from './operation.js';

export interface Asked {
  readonly workerId: string;
  /** A few ids only, so that requests are repeated. */
  readonly requestId: string;
  readonly capacity: number;
  readonly start: boolean;
}

export const claim = (choice: Asked): Operation => ({
  name: `claim ${JSON.stringify(choice)}`,
  repeatable: true,
  plan: () => ({
    perform: (engine) =>
      engine.claim(choice).catch((error: unknown) => {
        if (/served already/.test(refusalOf(error))) return 'busy';
        throw error;
      }),
    apply(known, observed, alone) {
      if (observed === 'busy') return expect(alone, 'nobody else serves this request').toBe(false);
      const attempts = observed as ClaimedAttempt[];
      const given = givenBy(known, choice);
      if (given.length === 0) return void adoptAll(known, choice, attempts, alone);
      expectSameAgain(attempts, given);
    },
  }),
});

export function expectSameAgain(attempts: readonly ClaimedAttempt[], given: readonly Running[]): void {
  expect(told(attempts), 'a repeated request is given the same again').toEqual(
    given.map(({ job, attempt }) => tellOf(job.id, attempt)).sort(),
  );
}

/** What a worker is told of attempts, and what it is to be told. */
export const told = (attempts: readonly ClaimedAttempt[]): string[] =>
  attempts
    .map(({ jobId, attempt: number, fence, items }) =>
      tellOf(jobId, { number, fence, items: items.map((item) => item.index) }),
    )
    .sort();

export const tellOf = (
  jobId: string,
  { number, fence, items }: Pick<ModelAttempt, 'number' | 'fence' | 'items'>,
): string => `${jobId}:${number}:${fence}:${items.join()}`;

/** What the engine chose is what it may choose. */
export function adoptAll(
  known: Model,
  asked: Asked,
  attempts: readonly ClaimedAttempt[],
  alone: boolean,
): ModelAttempt[] {
  const before = claimable(known);
  const inTheWay = overdue(known).length > 0;
  expect(attempts.length, 'no more than asked for').toBeLessThanOrEqual(asked.capacity);
  const adopted = attempts.map((attempt) => adopt(known, asked, attempt, alone));
  const taken = attempts.map((one) => jobOf(known, one.jobId));
  if (alone && !inTheWay) expect(passedOver(known, before, taken, asked.capacity), 'passed over').toEqual([]);
  return adopted;
}

function adopt(known: Model, asked: Asked, given: ClaimedAttempt, alone: boolean): ModelAttempt {
  const job = jobOf(known, given.jobId);
  const items = given.items.map((item) => item.index);
  expectSlice(known, job, items, alone);
  for (const item of given.items)
    expect(item.params).toEqual(
      job.definitionId === null
        ? { by: 'value', json: JSON.stringify({ index: item.index }) }
        : { by: 'none' },
    );
  return take(known, job, asked, { number: given.attempt, fence: given.fence, items });
}

/** @param alone else some of the job's items may have come back since. */
export function expectSlice(known: Model, job: ModelJob, items: readonly number[], alone: boolean): void {
  const due = duePending(known, job);
  expect(claimable(known), 'nothing is given after its deadline').toContain(job);
  expect(fullFor(known, job), 'no limit is passed').toEqual([]);
  expect(items, 'a slice of what is due').toEqual(items.filter((index) => due.includes(index)));
  expect(new Set(items).size).toBe(items.length);
  expect(items.length).toBeGreaterThan(0);
  expect(items.length).toBeLessThanOrEqual(SLICE);
  if (alone) expect(items).toHaveLength(Math.min(SLICE, due.length));
}

export function take(
  known: Model,
  job: ModelJob,
  { workerId, requestId, start }: Asked,
  given: Pick<ModelAttempt, 'number' | 'fence' | 'items'>,
): ModelAttempt {
  expect(given.number, 'attempts are numbered without gaps').toBe(job.attempts.length + 1);
  expect(given.fence).toBeGreaterThan(Math.max(0, ...job.attempts.map((one) => one.fence)));
  const attempt: ModelAttempt = {
    ...given,
    order: ++known.claims,
    workerId,
    requestId,
    outcome: 'RUNNING',
    leaseUntil: known.now + TIMES.startLease,
  };
  claimed(job, attempt, start);
  return attempt;
}
