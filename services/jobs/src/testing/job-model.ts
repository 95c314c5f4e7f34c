// The engine as DESIGN §5 tells it, in plain data: what the real one is compared with, move by move. It says nothing of
// how transitions are grouped, of locks, nor of which of several equal jobs a claim picks: those are the engine's to choose.
// Time is in hours and passes only by `passTime`.
import type { JobState } from '@weft/contracts';

export const TIMES = { startLease: 1, lease: 3, backoffBase: 2, backoffMax: 4, chance: 0.5 } as const;
export const SLICE = 2;
/** Attempts that the target runs at once. */
export const LIMIT = 5;
/** How long a key is remembered. */
export const KEY_HOURS = 7 * 24;
const MAX_LOSSES = 3;

/** One move of one item. */
export interface Step {
  readonly from: JobState | null;
  readonly to: JobState;
  readonly cause: string;
  readonly attempt: number | null;
}

export interface ModelItem {
  state: JobState;
  attempt: number | null;
  failures: number;
  losses: number;
  dueAt: number;
  /** JSON text of the accepted result. */
  result: string | null;
  readonly carried: boolean;
  /** Since it was last PENDING. */
  started: boolean;
  readonly steps: Step[];
}

export interface ModelAttempt {
  /** Of all attempts of all jobs. */
  readonly order: number;
  readonly number: number;
  readonly fence: number;
  readonly workerId: string;
  readonly requestId: string;
  readonly items: readonly number[];
  outcome: 'RUNNING' | 'LOST' | 'RELEASED' | 'ENDED';
  leaseUntil: number;
}

export interface ModelJob {
  readonly id: string;
  readonly maxAttempts: number;
  readonly priority: number;
  readonly items: ModelItem[];
  readonly attempts: ModelAttempt[];
  readonly retryOf: string | null;
  cancelRequested: boolean;
}

export interface UsedKey {
  readonly jobId: string;
  /** What was submitted under it. */
  readonly text: string;
  readonly at: number;
}

export interface Model {
  now: number;
  /** Attempts so far. */
  claims: number;
  /** How many reports of lost attempts were refused and written down. */
  refusals: number;
  readonly jobs: Map<string, ModelJob>;
  readonly keys: Map<string, UsedKey>;
}

export const emptyModel = (): Model => ({ now: 0, claims: 0, refusals: 0, jobs: new Map(), keys: new Map() });

const FINAL: readonly JobState[] = ['SUCCEEDED', 'FAILED', 'CANCELLED'];
export const isFinal = (state: JobState): boolean => FINAL.includes(state);

/** What the states of the items add up to. */
export function rollUpOf(
  items: readonly Pick<ModelItem, 'state' | 'carried' | 'started'>[],
  cancel: boolean,
): JobState {
  const own = items.filter((item) => !item.carried);
  const any = (...states: JobState[]): boolean => items.some((item) => states.includes(item.state));
  if (!any('PENDING', 'DEQUEUED', 'IN_PROGRESS', 'CANCELLING'))
    return any('FAILED') ? 'FAILED' : any('CANCELLED') ? 'CANCELLED' : 'SUCCEEDED';
  if (cancel) return 'CANCELLING';
  const asked = (state: JobState): boolean => state === 'CANCELLING' || state === 'CANCELLED';
  const waits = (state: JobState): boolean => state === 'PENDING' || state === 'DEQUEUED';
  if (own.some(({ state, started }) => (asked(state) ? started : !waits(state)))) return 'IN_PROGRESS';
  return any('DEQUEUED', 'CANCELLING') ? 'DEQUEUED' : 'PENDING';
}

export const stateOf = (job: ModelJob): JobState => rollUpOf(job.items, job.cancelRequested);
export const duePending = (model: Model, job: ModelJob): number[] =>
  job.items.flatMap((item, index) => (item.state === 'PENDING' && item.dueAt <= model.now ? [index] : []));
export const claimable = (model: Model): ModelJob[] =>
  [...model.jobs.values()].filter((job) => duePending(model, job).length > 0);
export const openJobs = (model: Model): ModelJob[] =>
  [...model.jobs.values()].filter((job) => !isFinal(stateOf(job)));

export function jobOf(model: Model, id: string): ModelJob {
  const job = model.jobs.get(id);
  if (job === undefined) throw new Error(`the model knows no job ${id}`);
  return job;
}

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

export function submitted(
  model: Model,
  given: Pick<ModelJob, 'id' | 'maxAttempts' | 'priority'>,
  count: number,
  predecessor?: { readonly job: ModelJob; readonly carries: boolean },
): void {
  const items = Array.from({ length: count }, (_, index): ModelItem => {
    const before = predecessor?.job.items[index];
    const carried = predecessor?.carries === true && before?.state === 'SUCCEEDED';
    const state = carried ? 'SUCCEEDED' : 'PENDING';
    return {
      state,
      attempt: null,
      failures: 0,
      losses: 0,
      dueAt: model.now,
      result: carried ? (before?.result ?? null) : null,
      carried,
      started: false,
      steps: [{ from: null, to: state, cause: 'SUBMITTED', attempt: null }],
    };
  });
  const retryOf = predecessor?.job.id ?? null;
  model.jobs.set(given.id, { ...given, items, attempts: [], retryOf, cancelRequested: false });
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
  if (item.state !== 'CANCELLING' && word !== 'HOPELESS' && item.failures < job.maxAttempts) {
    move(item, 'PENDING', 'RETRYING', number);
    item.dueAt = model.now + backoff(item.failures);
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
    submitted(model, { ...job, id: newId }, job.items.length, { job, carries: !all });
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
