// What can be done to the engine, each as one operation on the real one and the same on the model. Two may run at once:
// then the engine must have ended as if one had come before the other (job-model-run.ts).
import { expect } from 'vitest';
import type { ClaimedAttempt } from '@weft/contracts';
import { cancelItems } from '../application/cancel-items.js';
import { cancelJob } from '../application/cancel-job.js';
import { expireLeases } from '../application/expire-leases.js';
import { renewLeases } from '../application/renew-leases.js';
import { retryJob } from '../application/retry-job.js';
import { failed, succeeded, type Engine } from './engine.js';
import * as model from './job-model.js';
import type { Model, ModelAttempt, ModelJob, Told, Word } from './job-model.js';

export interface Operation {
  readonly name: string;
  /** Answered the same when it is sent again after an answer that was lost. */
  readonly repeatable: boolean;
  /** What it is about is chosen from the model before anything runs; nothing to choose from: undefined. */
  plan(model: Model): Deed | undefined;
}

export interface Deed {
  perform(engine: Engine): Promise<unknown>;
  /** The same on the model. Throws when what was observed cannot be. @param alone nothing else runs, here or elsewhere. */
  apply(model: Model, observed: unknown, alone: boolean): void;
}

const TARGET = 'local-process';
const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % Math.max(1, list.length)];
const refusalOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export interface SubmitChoice {
  readonly items: number;
  readonly maxAttempts: number;
  readonly priority: number;
  readonly key: string | null;
}

export const submit = (choice: SubmitChoice): Operation => ({
  name: `submit ${JSON.stringify(choice)}`,
  repeatable: choice.key !== null,
  plan: () => ({
    perform: (engine) =>
      engine
        .submit({
          items: Array.from({ length: choice.items }, (_, index) => JSON.stringify({ index })),
          maxAttempts: choice.maxAttempts,
          priority: choice.priority,
          idempotencyKey: choice.key,
        })
        .catch((error: unknown) => {
          if (refusalOf(error) === 'IDEMPOTENCY_CONFLICT') return { refused: refusalOf(error) };
          throw error;
        }),
    apply(known, observed) {
      const same = JSON.stringify({ ...choice, key: null });
      const before = choice.key === null ? undefined : known.keys.get(choice.key);
      if (before !== undefined && known.now - before.at < model.KEY_HOURS) {
        expect(observed).toEqual(before.text === same ? before.jobId : { refused: 'IDEMPOTENCY_CONFLICT' });
        return;
      }
      expect(known.jobs.has(observed as string), 'a job id is new').toBe(false);
      if (choice.key !== null)
        known.keys.set(choice.key, { jobId: observed as string, text: same, at: known.now });
      model.submitted(known, { ...choice, id: observed as string }, choice.items);
    },
  }),
});

export interface ClaimChoice {
  readonly workerId: string;
  readonly capacity: number;
  readonly start: boolean;
  /** A few ids only, so that requests are repeated. */
  readonly requestId: string;
}

export const claim = (choice: ClaimChoice): Operation => ({
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
      const given = runningOf(
        known,
        (one) => one.workerId === choice.workerId && one.requestId === choice.requestId,
      );
      if (given.length > 0) return sameAgain(attempts, given);
      const queue = model.claimable(known);
      const room = Math.min(choice.capacity, model.LIMIT - runningOf(known, () => true).length);
      for (const attempt of attempts) adopt(known, choice, attempt);
      expect(attempts.length, 'no more than asked for, and than the target runs').toBeLessThanOrEqual(room);
      if (!alone) return;
      if (attempts.length < room)
        expect(new Set(attempts.map((one) => one.jobId)), 'with room left nobody is passed over').toEqual(
          new Set(queue.map((job) => job.id)),
        );
      const taken = new Set(attempts.map((one) => one.jobId));
      const lowest = Math.min(...queue.filter((job) => taken.has(job.id)).map((job) => job.priority));
      const left = queue.filter((job) => !taken.has(job.id)).map((job) => job.priority);
      expect(Math.max(-Infinity, ...left), 'higher priorities first').toBeLessThanOrEqual(lowest);
    },
  }),
});

type Running = { readonly job: ModelJob; readonly attempt: ModelAttempt };

const runningOf = (known: Model, wanted: (attempt: ModelAttempt) => boolean): Running[] =>
  [...known.jobs.values()].flatMap((job) =>
    job.attempts
      .filter((one) => one.outcome === 'RUNNING' && wanted(one))
      .map((attempt) => ({ job, attempt })),
  );

const told = (
  list: { jobId: string; attempt: number; fence: number; items: readonly number[] }[],
): string[] => list.map((one) => `${one.jobId}:${one.attempt}:${one.fence}:${one.items.join()}`).sort();

function sameAgain(attempts: readonly ClaimedAttempt[], given: readonly Running[]): void {
  expect(
    told(attempts.map((one) => ({ ...one, items: one.items.map((item) => item.index) }))),
    'a repeated request is given the same again',
  ).toEqual(
    told(
      given.map(({ job, attempt: { number, fence, items } }) => ({
        jobId: job.id,
        attempt: number,
        fence,
        items,
      })),
    ),
  );
}

function adopt(known: Model, { workerId, requestId, start }: ClaimChoice, given: ClaimedAttempt): void {
  const job = model.jobOf(known, given.jobId);
  const due = model.duePending(known, job);
  const items = given.items.map((item) => item.index);
  expect(items, 'a slice of what is due').toEqual(items.filter((index) => due.includes(index)));
  expect(items).toHaveLength(Math.min(model.SLICE, due.length));
  expect(new Set(items).size).toBe(items.length);
  expect(given.attempt, 'attempts are numbered without gaps').toBe(job.attempts.length + 1);
  expect(given.fence).toBeGreaterThan(Math.max(0, ...job.attempts.map((one) => one.fence)));
  for (const item of given.items)
    expect(item.params).toEqual({ by: 'value', json: JSON.stringify({ index: item.index }) });
  const leaseUntil = known.now + model.TIMES.startLease;
  const order = ++known.claims;
  const attempt = {
    order,
    number: given.attempt,
    fence: given.fence,
    workerId,
    requestId,
    items,
    leaseUntil,
  };
  model.claimed(job, { ...attempt, outcome: 'RUNNING' }, start);
}

export interface ReportChoice {
  /** Counted from the latest attempt, so that the running ones come often and the lost ones too. */
  readonly which: number;
  readonly kind: Told['kind'];
  readonly words: readonly (Word | null)[];
  readonly reversed: boolean;
  /** Names the same item once more, with another outcome: the first word counts. */
  readonly doubled?: boolean;
  readonly by: 'its worker' | 'another worker' | 'an old fence';
}

const REPORTED = {
  FAILED: 'SERVICE_EXCEPTION',
  HOPELESS: 'SERVICE_INVALID',
  TIMEOUT: 'TIMEOUT',
} as const;

let reports = 0;

export const report = (choice: ReportChoice): Operation => ({
  name: `report ${JSON.stringify(choice)}`,
  repeatable: true,
  plan(known) {
    const all = [...known.jobs.values()].flatMap((job) => job.attempts.map((attempt) => ({ job, attempt })));
    const found = pick(
      all.sort((a, b) => b.attempt.order - a.attempt.order),
      choice.which,
    );
    if (found === undefined) return undefined;
    const { job, attempt } = found;
    const unique = ++reports;
    // One word too many names an item that is not of this slice.
    const named = [...attempt.items, (Math.max(...attempt.items) + 1) % job.items.length]
      .map((index, at) => ({ index, word: choice.words[at] ?? null, result: `{"of":"${unique}:${index}"}` }))
      .filter((one, at, list) => list.findIndex((other) => other.index === one.index) === at);
    const items = named.flatMap(({ word, ...one }) =>
      word === null || choice.kind === 'STARTED' ? [] : [{ ...one, word }],
    );
    if (choice.reversed) items.reverse();
    const [first] = items;
    if (choice.doubled === true && first !== undefined)
      items.push({ ...first, word: first.word === 'SUCCEEDED' ? 'FAILED' : 'SUCCEEDED' });
    const other = attempt.workerId === 'worker-1' ? 'worker-2' : 'worker-1';
    const workerId = choice.by === 'another worker' ? other : attempt.workerId;
    const fence = choice.by === 'an old fence' ? attempt.fence - 1 : attempt.fence;
    const said: Told = { workerId, jobId: job.id, number: attempt.number, fence, kind: choice.kind, items };
    const claimedAs = { jobId: job.id, attempt: attempt.number, fence } as ClaimedAttempt;
    return {
      perform: (engine) =>
        engine.report(
          claimedAs,
          choice.kind,
          items.map(({ index, word, result }) => {
            if (word === 'SUCCEEDED') return { ...succeeded(index), result };
            if (word === 'CANCELLED') return { ...succeeded(index), outcome: 'CANCELLED', result: null };
            return failed(index, REPORTED[word]);
          }),
          workerId,
        ),
      apply(later, observed) {
        const accepted = model.reported(later, said);
        expect(observed).toEqual(
          accepted ? { standing: 'accepted' } : { standing: 'refused', code: 'LEASE_LOST' },
        );
      },
    };
  },
});

export const renew = (workerId: string): Operation => ({
  name: `renew ${workerId}`,
  repeatable: true,
  plan(known) {
    const mine = [...known.jobs.values()]
      .flatMap((job) => job.attempts.map((attempt) => ({ job, attempt })))
      .filter(({ attempt }) => attempt.workerId === workerId)
      .slice(-64);
    if (mine.length === 0) return undefined;
    return {
      perform: async ({ ports }) => {
        const attempts = mine.map(({ job: { id }, attempt: { number, fence } }) => ({
          jobId: id,
          attempt: number,
          fence,
          progress: { fraction: 0.5, message: null },
        }));
        return renewLeases(ports, { workerId, targetId: TARGET }, { requestId: 'renewal-1', attempts });
      },
      apply(later, observed) {
        const { attempts } = observed as Awaited<ReturnType<typeof renewLeases>>;
        const expected = mine.map(({ job: { id }, attempt: { number } }) => {
          const job = model.jobOf(later, id);
          const attempt = job.attempts.find((one) => one.number === number) as ModelAttempt;
          const holds = attempt.outcome === 'RUNNING';
          if (holds) attempt.leaseUntil = later.now + model.TIMES.lease;
          return {
            jobId: id,
            attempt: number,
            standing: holds ? 'held' : 'lost',
            ...askedOf(job, attempt, holds),
          };
        });
        expect(attempts.map(({ fence: _fence, leaseMs: _lease, ...one }) => one)).toEqual(expected);
      },
    };
  },
});

/** What a renewal tells of cancellations. */
function askedOf(job: ModelJob, attempt: ModelAttempt, holds: boolean): object {
  const held = attempt.items.filter((index) => {
    const item = job.items[index];
    return item?.attempt === attempt.number && ['DEQUEUED', 'IN_PROGRESS', 'CANCELLING'].includes(item.state);
  });
  const asked = held.filter((index) => job.items[index]?.state === 'CANCELLING').sort((a, b) => a - b);
  return {
    cancel: holds && (job.cancelRequested || asked.length === held.length),
    cancelItems: holds && asked.length > 0 ? asked : undefined,
  };
}

export const sweep: Operation = {
  name: 'sweep',
  repeatable: true,
  plan: () => ({
    perform: ({ ports }) => expireLeases(ports),
    apply: (known) => model.swept(known),
  }),
};

const codes = (outcome: { ok: boolean; errors?: readonly { code: string }[] }): string | undefined =>
  outcome.ok ? undefined : outcome.errors?.map((error) => error.code).join();

export const cancel = (which: number): Operation => ({
  name: `cancel ${which}`,
  repeatable: false,
  plan(known) {
    const job = pick([...known.jobs.values()].reverse(), which);
    if (job === undefined) return undefined;
    return {
      perform: async ({ ports, user }) => codes(await cancelJob(ports, user, job.id)),
      apply: (later, observed) => expect(observed).toBe(model.cancelled(later, job.id)),
    };
  },
});

/** @param bits which items, the third of them perhaps one that the job does not have. */
export const cancelSome = (which: number, bits: number): Operation => ({
  name: `cancel items ${bits} of ${which}`,
  repeatable: false,
  plan(known) {
    const job = pick([...known.jobs.values()].reverse(), which);
    if (job === undefined) return undefined;
    const most = Math.max(1, Math.min(4, job.items.length + 1));
    const chosen = Array.from({ length: most }, (_, index) => index).filter((index) => (bits >> index) & 1);
    const items = (chosen.length > 0 ? chosen : [0]).slice(0, job.items.length);
    return {
      perform: async ({ ports, user }) => codes(await cancelItems(ports, user, job.id, items)),
      apply: (later, observed) => expect(observed).toBe(model.itemsCancelled(later, job.id, items)),
    };
  },
});

export const retry = (which: number, all: boolean): Operation => ({
  name: `retry ${which} ${all ? 'ALL' : 'FAILED'}`,
  repeatable: false,
  plan(known) {
    const job = pick([...known.jobs.values()].reverse(), which);
    if (job === undefined) return undefined;
    return {
      perform: ({ ports, user }) => retryJob(ports, user, 'correlation-2', job.id, all ? 'ALL' : 'FAILED'),
      apply(later, observed) {
        const outcome = observed as Awaited<ReturnType<typeof retryJob>>;
        const newId = outcome.ok ? outcome.value.jobId : undefined;
        expect(codes(outcome)).toBe(model.retried(later, job.id, all, newId));
      },
    };
  },
});
