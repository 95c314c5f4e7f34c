// What workers say of the attempts that they hold, or held.
import { expect } from 'vitest';
import type { ClaimedAttempt } from '@weft/contracts';
import { renewLeases } from '../application/renew-leases.js';
import { failed, succeeded } from './engine.js';
import { jobOf, TIMES, type ModelAttempt, type ModelJob } from './job-model.js';
import * as moves from './job-model-moves.js';
import type { Told, Word } from './job-model-moves.js';
import { pick, TARGET_ID, type Operation } from './operation.js';

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
        const accepted = moves.reported(later, said);
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
  ofMany: true,
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
        return renewLeases(ports, { workerId, targetId: TARGET_ID }, { requestId: 'renewal-1', attempts });
      },
      apply(later, observed) {
        const { attempts } = observed as Awaited<ReturnType<typeof renewLeases>>;
        const expected = mine.map(({ job: { id }, attempt: { number } }) => {
          const job = jobOf(later, id);
          const attempt = job.attempts.find((one) => one.number === number) as ModelAttempt;
          const holds = attempt.outcome === 'RUNNING';
          if (holds) attempt.leaseUntil = later.now + TIMES.lease;
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
