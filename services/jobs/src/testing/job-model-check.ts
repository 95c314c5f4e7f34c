// Compares the engine with the model, and looks for what must hold whatever was done (DESIGN §5 and §9).
import { expect } from 'vitest';
import type { JobChanged, JobState } from '@weft/contracts';
import type { CommittedRow } from '@weft/outbox';
import { ONLY_THESE } from '../application/cancel-items.js';
import type { AttemptView } from '../application/job-reader.js';
import type { Job, JobItem, Transition } from '../domain/job.js';
import { edgeOf } from '../domain/lifecycle.js';
import { transitionFact } from '../messaging/publishes.js';
import type { Engine } from './engine.js';
import { disagreements, limitsOf, outboxOf, payloadOf, refusedReports } from './engine-tables.js';
import { isFinal, jobOf, rollUpOf, stateOf, type Model, type ModelJob, type Step } from './job-model.js';

/** All that the engine says of the jobs of the model. */
export interface Shown {
  readonly ids: readonly string[];
  readonly jobs: readonly (Job | undefined)[];
  readonly items: readonly (readonly JobItem[])[];
  readonly attempts: readonly (readonly AttemptView[])[];
  readonly histories: readonly (readonly Transition[])[];
  readonly limits: ReadonlyMap<string, number>;
}

export async function show(engine: Engine, ids: readonly string[]): Promise<Shown> {
  const { reader, user } = engine;
  const [limits, jobs, attempts, items, histories] = await Promise.all([
    limitsOf(engine),
    reader.jobsByIds(user, ids),
    reader.attempts(ids),
    Promise.all(ids.map(async (id) => (await reader.items(id, -1, 100)).rows)),
    Promise.all(ids.map(async (id) => (await reader.timeline(id, 0, 500)).rows)),
  ]);
  return { ids, jobs, items, attempts, histories, limits };
}

export const idsOf = (model: Model): string[] => [...model.jobs.keys()];

export function compare(model: Model, shown: Shown): void {
  // Of two that were set at once the last one stands, which no job need show yet.
  expect(shown.limits, 'limits').toEqual(model.limits);
  for (const [at, id] of shown.ids.entries()) {
    const expected = jobOf(model, id);
    const job = shown.jobs[at] as Job;
    const items = shown.items[at] ?? [];
    const history = shown.histories[at] ?? [];
    expect(job, `job ${id} is there`).toBeDefined();
    expect(outline(job, items, shown.attempts[at] ?? [])).toEqual(expectedOutline(expected));
    expect(stepsOf(history, items.length), 'what happened to each item').toEqual(
      expected.items.map((item) => item.steps),
    );
    readHistory(job, expected, history);
  }
}

const outline = (job: Job, items: readonly JobItem[], attempts: readonly AttemptView[]): object => ({
  state: job.state,
  ended: job.endedAt !== null,
  retryOf: job.retryOf,
  cancel: job.cancelRequestedAt !== null,
  attempts: job.attempts,
  counts: { ...job.counts },
  items: items.map(({ state, attempt, failures, losses, result, endedAt, error }) => ({
    state,
    attempt,
    failures,
    losses,
    result,
    ended: endedAt !== null,
    error: error !== null,
  })),
  tries: [...attempts]
    .sort((a, b) => a.number - b.number)
    .map(({ number, fence, workerId, items: slice, outcome, endedAt }) => ({
      number,
      fence,
      workerId,
      items: slice,
      outcome: ['RUNNING', 'LOST', 'RELEASED'].includes(outcome) ? outcome : 'ENDED',
      ended: endedAt !== null,
    })),
});

function expectedOutline(job: ModelJob): object {
  const counts: Record<JobState, number> = {
    PENDING: 0,
    DEQUEUED: 0,
    IN_PROGRESS: 0,
    CANCELLING: 0,
    SUCCEEDED: 0,
    FAILED: 0,
    CANCELLED: 0,
  };
  for (const item of job.items) counts[item.state]++;
  const state = stateOf(job);
  return {
    state,
    ended: isFinal(state),
    retryOf: job.retryOf,
    cancel: job.cancelRequested,
    attempts: job.attempts.length,
    counts,
    items: job.items.map(({ state: is, attempt, failures, losses, result }) => ({
      state: is,
      attempt,
      failures,
      losses,
      result,
      ended: isFinal(is),
      error: is === 'FAILED',
    })),
    tries: job.attempts.map(({ number, fence, workerId, items, outcome }) => ({
      number,
      fence,
      workerId,
      items,
      outcome,
      ended: outcome !== 'RUNNING',
    })),
  };
}

/** The history of the job, told item by item. */
function stepsOf(history: readonly Transition[], count: number): Step[][] {
  const steps = Array.from({ length: count }, (): Step[] => []);
  for (const { cause, attempt, items } of history)
    for (const { first, last, from, to } of items)
      for (let index = first; index <= last; index++) steps[index]?.push({ from, to, cause, attempt });
  return steps;
}

/** Gapless by seq, each transition following from the one before, each by the table, the final one once and last. */
function readHistory(job: Job, { items, id }: ModelJob, history: readonly Transition[]): void {
  expect(history.map((one) => one.seq)).toEqual(Array.from({ length: job.seq }, (_, at) => at + 1));
  const now = items.map(({ carried }) => ({ carried, started: false, state: 'PENDING' as JobState }));
  let state: JobState | null = null;
  let cancel = false;
  for (const one of history) {
    expect(state !== null && isFinal(state), 'nothing follows the final state').toBe(false);
    expect(one.from, `seq ${one.seq} of ${id} follows the one before`).toBe(state);
    cancel ||= one.cause === 'CANCEL_REQUESTED' && one.message !== ONLY_THESE;
    for (const { first, last, from, to } of one.items) {
      const cause = from === null && to === 'SUCCEEDED' ? 'CARRIED_OVER' : one.cause;
      expect(edgeOf(from, to, cause), `${from} → ${to} because of ${cause}`).toBeDefined();
      for (let index = first; index <= last; index++)
        now[index] = {
          carried: items[index]?.carried ?? false,
          started: to === 'IN_PROGRESS' || (now[index]?.started === true && to !== 'PENDING'),
          state: to,
        };
    }
    expect(one.to, `seq ${one.seq} of ${id} is what the items add up to`).toBe(rollUpOf(now, cancel));
    state = one.to;
  }
  expect(state).toBe(job.state);
}

/** The rows of the tables agree with each other. */
export async function compareTables(engine: Engine): Promise<void> {
  expect(await disagreements(engine), 'rows that disagree').toEqual([]);
}

/** What the replicas gave to the relay and to those who follow, from memory. */
export interface Heard {
  readonly carried: CommittedRow[];
  readonly steps: { readonly jobId: string; readonly transition: Transition }[];
  /** Processes that died, perhaps before they could say what they had committed. */
  deaths: number;
}

/** What was told from memory is what was committed. */
export async function compareHeard(
  engine: Engine,
  model: Model,
  shown: Shown,
  { carried, steps, deaths }: Heard,
): Promise<void> {
  const outbox = new Map((await outboxOf(engine)).map((row) => [row.position, row]));
  expect(new Set(carried.map((row) => row.position)).size, 'nothing is carried twice').toBe(carried.length);
  const histories = new Map(idsOf(model).map((id, at) => [id, shown.histories[at] ?? []]));
  /** Of a job that has moved on since, what is written again says less. */
  const lasting = ({ body }: CommittedRow): unknown => {
    const message = JSON.parse(body) as { payload: Partial<JobChanged> };
    const { jobId = '', seq } = message.payload;
    const { attempts: _, startedAt: __, ...payload } = message.payload;
    return seq === histories.get(jobId)?.length ? message : { ...message, payload };
  };
  for (const row of carried) {
    const { position, id, subject } = row;
    const written = outbox.get(position);
    expect(written, 'what is carried was committed').toMatchObject({ id, subject });
    if (written !== undefined) expect(lasting(written)).toEqual(lasting(row));
  }
  for (const { jobId, transition } of steps)
    expect(transition, 'what followers are told was committed').toEqual(
      histories.get(jobId)?.find((one) => one.seq === transition.seq),
    );
  if (deaths > 0) return;
  expect(carried.length, 'all of it is carried').toBe(outbox.size);
  expect(steps.length, 'all of it is told').toBe([...histories.values()].flat().length);
}

/** What other services are told is the history: each transition once, in order, and the end with its outcomes. */
export async function compareNews(engine: Engine, model: Model, shown: Shown): Promise<void> {
  const news = Map.groupBy((await outboxOf(engine)).map(payloadOf), (message) => message.jobId);
  expect([...news.keys()].sort()).toEqual(idsOf(model).sort());
  for (const [at, id] of idsOf(model).entries()) {
    const messages = news.get(id) ?? [];
    expect(messages.flatMap((message) => message.transitions)).toEqual(
      shown.histories[at]?.map(transitionFact),
    );
    const ends = messages.filter((message) => isFinal(message.state));
    expect(ends).toEqual(messages.slice(-1));
    expect(ends[0]?.outcomes.map((one) => [one.index, one.state, one.attempt])).toEqual(
      shown.items[at]?.map((item) => [item.index, item.state, item.attempt]),
    );
    const tries = new Map(
      messages.flatMap((message) => message.attempts.map((one) => [one.number, one.outcome])),
    );
    expect([...tries].sort(([a], [b]) => a - b)).toEqual(
      [...(shown.attempts[at] ?? [])].map((one) => [one.number, one.outcome]).reverse(),
    );
  }
  expect(await refusedReports(engine)).toBe(model.refusals);
}
