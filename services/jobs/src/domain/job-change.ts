// How a job changes: moves of items checked against the table, counted, rolled up and told as transitions.
// Pure: the clock and the facts come in, a list of new rows comes out.
import { isFinalJobState, type JobState } from '@weft/contracts';
import type { Attempt, ItemMove, Job, JobItem, Reason, Transition, TransitionActor } from './job.js';
import { assertCanMove, type Cause } from './lifecycle.js';
import { rollUp } from './roll-up.js';

export type ItemPatch = Partial<
  Pick<
    JobItem,
    | 'attempt'
    | 'failures'
    | 'losses'
    | 'runAt'
    | 'result'
    | 'resultArtifactId'
    | 'resultSha256'
    | 'error'
    | 'startedAt'
    | 'endedAt'
  >
>;

export interface Move {
  readonly to: JobState;
  readonly cause: Cause;
  readonly actor: TransitionActor;
  readonly attempt?: number | null;
  readonly message?: string | null;
  readonly patch?: (item: JobItem) => ItemPatch;
}

export class JobChange {
  readonly transitions: Transition[] = [];
  readonly attempts: Attempt[] = [];
  readonly #items = new Map<number, JobItem>();
  readonly #touched = new Set<number>();
  #job: Job;

  /** Never before the last transition, however the clocks of two replicas differ. */
  readonly now: Date;

  /** @param last when the last transition was, unless `now` is known to be later. */
  constructor(
    readonly before: Job,
    items: readonly JobItem[],
    now: Date,
    last: Date = before.submittedAt,
  ) {
    this.now = last > now ? last : now;
    this.#job = before;
    for (const item of items) this.#items.set(item.index, item);
  }

  get job(): Job {
    return this.#job;
  }

  /** Items that this change touched, as they are now. */
  get touchedItems(): JobItem[] {
    return [...this.#touched].sort((a, b) => a - b).map((index) => this.item(index));
  }

  get changed(): boolean {
    return this.transitions.length > 0 || this.attempts.length > 0 || this.#job !== this.before;
  }

  get allItems(): JobItem[] {
    return [...this.#items.values()];
  }

  item(index: number): JobItem {
    const item = this.#items.get(index);
    if (item === undefined) throw new Error(`item ${index} of job ${this.#job.id} was not loaded`);
    return item;
  }

  items(state: JobState): JobItem[] {
    return [...this.#items.values()].filter((item) => item.state === state);
  }

  /** Moves these items one edge on and records one transition. Nothing happens for an empty list. */
  move(indexes: readonly number[], move: Move): void {
    if (indexes.length === 0) return;
    const counts = { ...this.#job.counts };
    const moves: ItemMove[] = [];
    for (const index of [...indexes].sort((a, b) => a - b)) {
      const item = this.item(index);
      assertCanMove(item.state, move.to, move.cause, isFinalJobState(this.#job.state));
      counts[item.state]--;
      counts[move.to]++;
      const ended = isFinalJobState(move.to);
      const reopened = isFinalJobState(item.state) && !ended;
      this.#items.set(index, {
        ...item,
        ...(move.to === 'IN_PROGRESS' ? { startedAt: this.now } : {}),
        ...(ended ? { endedAt: this.now } : {}),
        ...(reopened ? { endedAt: null, error: null } : {}),
        ...move.patch?.(item),
        state: move.to,
      });
      this.#touched.add(index);
      addMove(moves, { first: index, last: index, from: item.state, to: move.to });
    }
    this.#record(counts, moves, move);
  }

  /** Records what concerns the job as a whole, while its items stay where they are. */
  tell(move: Omit<Move, 'patch'>): void {
    this.#record(this.#job.counts, [], move);
  }

  /** Records or updates an attempt. */
  putAttempt(attempt: Attempt): void {
    const known = this.attempts.findIndex((one) => one.number === attempt.number);
    if (known >= 0) this.attempts[known] = attempt;
    else this.attempts.push(attempt);
  }

  patchJob(
    patch: Partial<
      Pick<
        Job,
        | 'cancelRequestedAt'
        | 'referenceDeadline'
        | 'serviceId'
        | 'reason'
        | 'attempts'
        | 'needsMet'
        | 'needs'
        | 'inputId'
      >
    >,
  ): void {
    this.#job = { ...this.#job, ...patch };
    this.#job = { ...this.#job, claimableAt: this.#claimableAt() };
  }

  /** The earliest time at which a pending item may be claimed. All items of the job must be loaded. */
  #claimableAt(): Date | null {
    if (this.#job.referenceDeadline !== null || this.#job.needsMet === false) return null;
    let earliest: Date | null = null;
    for (const item of this.#items.values()) {
      if (item.state === 'PENDING' && (earliest === null || item.runAt < earliest)) earliest = item.runAt;
    }
    return earliest;
  }

  #record(counts: Job['counts'], moves: readonly ItemMove[], move: Move): void {
    const from = this.#job.state;
    const to = rollUp(counts, this.#untouched(counts), this.#job.cancelRequestedAt !== null);
    const seq = this.#job.seq + 1;
    const reason = to === 'PENDING' ? this.#reason(move.cause) : null;
    this.#job = {
      ...this.#job,
      seq,
      state: to,
      reason,
      counts,
      dequeuedAt: this.#job.dequeuedAt ?? (move.to === 'DEQUEUED' ? this.now : null),
      startedAt: this.#job.startedAt ?? (move.to === 'IN_PROGRESS' ? this.now : null),
      endedAt: isFinalJobState(to) ? this.now : null,
      claimableAt: this.#claimableAt(),
    };
    this.transitions.push({
      jobId: this.#job.id,
      seq,
      at: this.now,
      cause: move.cause,
      actor: move.actor,
      from,
      to,
      reason,
      attempt: move.attempt ?? null,
      items: moves,
      message: move.message ?? null,
    });
  }

  #untouched({ CANCELLING, CANCELLED }: Job['counts']): number {
    const { carriedOver } = this.#job;
    if (CANCELLING + CANCELLED === 0) return carriedOver;
    const asked = this.allItems.filter(({ state }) => state === 'CANCELLING' || state === 'CANCELLED');
    return carriedOver + asked.filter((item) => item.startedAt === null).length;
  }

  #reason(cause: Cause): Reason {
    // Some items are cancelled; the others wait for what they waited for.
    if (cause === 'CANCEL_REQUESTED' && this.#job.reason !== null) return this.#job.reason;
    return cause === 'LEASE_LOST' || cause === 'RETRYING' || cause === 'RELEASED' ? 'RETRYING' : 'QUEUED';
  }
}

/** Appends a move, joined with its neighbour where it continues it. */
export function addMove(moves: ItemMove[], move: ItemMove): void {
  const last = moves.at(-1);
  if (last !== undefined && last.from === move.from && last.to === move.to && last.last + 1 === move.first) {
    moves[moves.length - 1] = { ...last, last: move.last };
  } else {
    moves.push(move);
  }
}
