// What can happen to the jobs of the model, and what comes of it.
import type { JobState } from '@weft/contracts';
import {
  isFinal,
  isOverdue,
  jobOf,
  stateOf,
  TIMES,
  type Model,
  type ModelAttempt,
  type ModelItem,
  type ModelJob,
} from './job-model.js';

const MAX_LOSSES = 3;

function move(item: ModelItem, to: JobState, cause: string, attempt: number | null = null): void {
  item.steps.push({ from: item.state, to, cause, attempt });
  item.state = to;
  item.started = to === 'IN_PROGRESS' || (item.started && to !== 'PENDING');
}

const held = (job: ModelJob, attempt: ModelAttempt, ...states: JobState[]): ModelItem[] =>
  attempt.items
    .map((index) => job.items[index] as ModelItem)
    .filter((item) => item.attempt === attempt.number && states.includes(item.state));

const backoff = (tries: number): number =>
  Math.min(TIMES.backoffBase * 2 ** (tries - 1), TIMES.backoffMax) * (0.5 + 0.5 * TIMES.chance);

interface Beginning {
  readonly startsAt?: number;
  readonly predecessor?: { readonly job: ModelJob; readonly carries: boolean };
}

export function submitted(
  model: Model,
  given: Omit<ModelJob, 'items' | 'attempts' | 'retryOf' | 'cancelRequested'>,
  count: number,
  { startsAt = model.now, predecessor }: Beginning = {},
): ModelJob {
  const items = Array.from({ length: count }, (_, index): ModelItem => {
    const before = predecessor?.job.items[index];
    const carried = predecessor?.carries === true && before?.state === 'SUCCEEDED';
    const state = carried ? 'SUCCEEDED' : 'PENDING';
    return {
      state,
      attempt: null,
      failures: 0,
      losses: 0,
      dueAt: startsAt,
      result: carried ? (before?.result ?? null) : null,
      carried,
      started: false,
      steps: [{ from: null, to: state, cause: 'SUBMITTED', attempt: null }],
    };
  });
  const retryOf = predecessor?.job.id ?? null;
  const job = { ...given, items, attempts: [], retryOf, cancelRequested: false };
  model.jobs.set(given.id, job);
  return job;
}

export function claimed(job: ModelJob, attempt: ModelAttempt, start: boolean): void {
  job.attempts.push(attempt);
  for (const index of attempt.items) {
    const item = job.items[index] as ModelItem;
    move(item, 'DEQUEUED', 'CLAIMED', attempt.number);
    item.attempt = attempt.number;
    if (start) move(item, 'IN_PROGRESS', 'STARTED', attempt.number);
  }
}

export type Word = 'SUCCEEDED' | 'FAILED' | 'HOPELESS' | 'TIMEOUT' | 'CANCELLED';

export interface Told {
  readonly workerId: string;
  readonly jobId: string;
  readonly number: number;
  readonly fence: number;
  readonly kind: 'STARTED' | 'FINISHED' | 'RELEASED';
  readonly items: readonly { readonly index: number; readonly word: Word; readonly result: string }[];
}

/** @returns whether the report is accepted. */
export function reported(model: Model, told: Told): boolean {
  const job = jobOf(model, told.jobId);
  const attempt = job.attempts.find((one) => one.number === told.number);
  if (attempt === undefined || attempt.fence !== told.fence || attempt.workerId !== told.workerId)
    return false;
  if (attempt.outcome === 'LOST' || (attempt.outcome === 'RELEASED' && told.kind !== 'RELEASED')) {
    model.refusals++;
    return false;
  }
  if (attempt.outcome !== 'RUNNING') return true;
  const start = (): void =>
    held(job, attempt, 'DEQUEUED').forEach((item) => move(item, 'IN_PROGRESS', 'STARTED', attempt.number));
  if (told.kind === 'STARTED') {
    start();
    return true;
  }
  const open = new Set(held(job, attempt, 'DEQUEUED', 'IN_PROGRESS', 'CANCELLING'));
  const believed = told.items.flatMap(({ index, ...word }) => {
    const item = job.items[index];
    return item !== undefined && attempt.items.includes(index) && open.has(item) ? [{ item, ...word }] : [];
  });
  if (believed.length > 0) start();
  for (const { item, word, result } of believed)
    if (open.delete(item)) finish(model, job, attempt, item, word, result);
  if (told.kind === 'RELEASED') {
    for (const item of held(job, attempt, 'DEQUEUED', 'IN_PROGRESS')) {
      move(item, 'PENDING', 'RELEASED', attempt.number);
      item.dueAt = model.now;
      attempt.outcome = 'RELEASED';
    }
    for (const item of held(job, attempt, 'CANCELLING')) {
      move(item, 'CANCELLED', 'RELEASED', attempt.number);
      attempt.outcome = 'RELEASED';
    }
  }
  if (
    attempt.outcome === 'RUNNING' &&
    held(job, attempt, 'DEQUEUED', 'IN_PROGRESS', 'CANCELLING').length === 0
  )
    attempt.outcome = 'ENDED';
  return true;
}

function finish(
  model: Model,
  job: ModelJob,
  { number }: ModelAttempt,
  item: ModelItem,
  word: Word,
  result: string,
): void {
  if (word === 'SUCCEEDED') {
    move(item, 'SUCCEEDED', 'SUCCEEDED', number);
    item.result = result;
    return;
  }
  if (word === 'CANCELLED' && item.state === 'CANCELLING')
    return move(item, 'CANCELLED', 'CANCELLED', number);
  item.failures++;
  const dueAt = model.now + backoff(item.failures);
  const isLate = job.deadline !== null && dueAt >= job.deadline;
  if (item.state !== 'CANCELLING' && word !== 'HOPELESS' && item.failures < job.maxAttempts && !isLate) {
    move(item, 'PENDING', 'RETRYING', number);
    item.dueAt = dueAt;
  } else move(item, 'FAILED', word === 'TIMEOUT' ? 'TIMED_OUT' : 'FAILED', number);
}

/** Gives up every running attempt whose lease is over. */
export function swept(model: Model): void {
  for (const job of model.jobs.values()) {
    for (const attempt of job.attempts) {
      if (attempt.outcome !== 'RUNNING' || attempt.leaseUntil >= model.now) continue;
      attempt.outcome = 'LOST';
      for (const item of held(job, attempt, 'CANCELLING'))
        move(item, 'CANCELLED', 'LEASE_LOST', attempt.number);
      for (const item of held(job, attempt, 'DEQUEUED', 'IN_PROGRESS')) {
        item.losses++;
        if (item.losses >= MAX_LOSSES) move(item, 'FAILED', 'LOST_TOO_OFTEN', attempt.number);
        else {
          move(item, 'PENDING', 'LEASE_LOST', attempt.number);
          item.dueAt = model.now + (item.losses === 1 ? 0 : backoff(item.losses - 1));
        }
      }
    }
  }
}

/** What still waits at its job's deadline is not done any more. */
export function deadlinesKept(model: Model): void {
  for (const job of model.jobs.values())
    for (const item of job.items)
      if (isOverdue(model, job) && item.state === 'PENDING') move(item, 'FAILED', 'DEADLINE_EXCEEDED');
}

/** @returns what it is refused with; undefined when it is done. */
export function cancelled(model: Model, id: string): string | undefined {
  const job = jobOf(model, id);
  if (isFinal(stateOf(job))) return 'JOB_ALREADY_FINAL';
  if (job.cancelRequested) return undefined;
  job.cancelRequested = true;
  for (const item of job.items) {
    if (item.state === 'PENDING') move(item, 'CANCELLED', 'CANCEL_REQUESTED');
    else if (item.state === 'DEQUEUED' || item.state === 'IN_PROGRESS')
      move(item, 'CANCELLING', 'CANCEL_REQUESTED');
  }
  return undefined;
}

/** @returns what it is refused with; undefined when it is done. */
export function itemsCancelled(model: Model, id: string, indexes: readonly number[]): string | undefined {
  const job = jobOf(model, id);
  if (isFinal(stateOf(job))) return 'JOB_ALREADY_FINAL';
  const problems = indexes.flatMap((index) => {
    const item = job.items[index];
    return item === undefined ? ['BAD_USER_INPUT'] : isFinal(item.state) ? ['JOB_ALREADY_FINAL'] : [];
  });
  if (problems.length > 0) return problems.join();
  for (const item of indexes.map((index) => job.items[index] as ModelItem)) {
    if (item.state === 'PENDING') move(item, 'CANCELLED', 'CANCEL_REQUESTED');
    else if (item.state !== 'CANCELLING') move(item, 'CANCELLING', 'CANCEL_REQUESTED');
  }
  return undefined;
}

/** @returns what it is refused with; undefined when it is done. `newId` is the successor's, where there is one. */
export function retried(
  model: Model,
  id: string,
  all: boolean,
  newId: string | undefined,
): string | undefined {
  const job = jobOf(model, id);
  if (isFinal(stateOf(job))) {
    if (!all && stateOf(job) === 'SUCCEEDED') return 'JOB_NOTHING_TO_RETRY';
    if (newId === undefined || newId === id) return 'a final job was retried without a successor';
    const predecessor = { job, carries: !all };
    submitted(model, { ...job, id: newId, deadline: null }, job.items.length, { predecessor });
    return undefined;
  }
  if (all || job.cancelRequested) return 'CONFLICT';
  const failed = job.items.filter((item) => item.state === 'FAILED');
  if (failed.length === 0) return 'JOB_NOTHING_TO_RETRY';
  for (const item of failed) {
    move(item, 'PENDING', 'RETRIED');
    Object.assign(item, { failures: 0, losses: 0, dueAt: model.now });
  }
  return undefined;
}
