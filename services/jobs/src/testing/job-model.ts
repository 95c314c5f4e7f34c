// The engine as DESIGN §5 tells it, in plain data: what the real one is compared with, move by move. It says nothing of
// how transitions are grouped, of locks, nor of which of several jobs a claim picks: those are the engine's to choose. This
// is what there is; job-model-moves.ts tells what is done with it, job-model-limits.ts what may be given to whom.
// Time is in hours and passes only where somebody waits.
import type { JobState } from '@weft/contracts';

export const TIMES = { startLease: 1, lease: 3, backoffBase: 2, backoffMax: 4, chance: 0.5 } as const;
export const SLICE = 2;
/** Attempts that the target runs at once. */
export const LIMIT = 4;
/** Of a job that is started from the definition. */
export const OF_DEFINITION = { maxAttempts: 2, priority: 0 } as const;
/** How long a key is remembered. */
export const KEY_HOURS = 7 * 24;
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
  readonly organizationId: string;
  readonly definitionId: string | null;
  readonly maxAttempts: number;
  readonly priority: number;
  readonly deadline: number | null;
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

/** A worker's request for work that waits at a replica. */
export interface ModelSeat {
  readonly requestId: string;
  readonly workerId: string;
  readonly capacity: number;
  readonly start: boolean;
  /** Which of the replicas. */
  readonly at: number;
  /** What the worker is told when it leaves. */
  readonly told: Set<ModelAttempt>;
  /** Given by a statement whose answer was lost: told, or found when the worker asks again, or lost with its lease. */
  readonly untold: Set<ModelAttempt>;
}

/** What does not change while the model is compared. */
export interface World {
  /** When it was hour 0. */
  readonly began: Date;
  readonly organizations: readonly string[];
  /** Of the first organization. */
  readonly definitionId: string;
}

export interface Model extends World {
  now: number;
  /** Attempts so far. */
  claims: number;
  /** How many reports of lost attempts were refused and written down. */
  refusals: number;
  readonly jobs: Map<string, ModelJob>;
  readonly keys: Map<string, UsedKey>;
  readonly seats: Map<string, ModelSeat>;
  /** Attempts that may run at once, by organization or definition. */
  readonly limits: Map<string, number>;
}

export const emptyModel = (world: World): Model => ({
  ...world,
  now: 0,
  claims: 0,
  refusals: 0,
  jobs: new Map(),
  keys: new Map(),
  seats: new Map(),
  limits: new Map(),
});

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
export const openJobs = (model: Model): ModelJob[] =>
  [...model.jobs.values()].filter((job) => !isFinal(stateOf(job)));
export const duePending = (model: Model, job: ModelJob): number[] =>
  job.items.flatMap((item, index) => (item.state === 'PENDING' && item.dueAt <= model.now ? [index] : []));
export const isOverdue = ({ now }: Model, { deadline }: ModelJob): boolean =>
  deadline !== null && deadline <= now;

export function jobOf(model: Model, id: string): ModelJob {
  const job = model.jobs.get(id);
  if (job === undefined) throw new Error(`the model knows no job ${id}`);
  return job;
}

export type Running = { readonly job: ModelJob; readonly attempt: ModelAttempt };

export const runningOf = (model: Model, wanted: (one: Running) => boolean = () => true): Running[] =>
  [...model.jobs.values()]
    .flatMap((job) => job.attempts.map((attempt) => ({ job, attempt })))
    .filter((one) => one.attempt.outcome === 'RUNNING' && wanted(one));
