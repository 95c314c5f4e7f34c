// The queue as a look at it finds it: lanes with their first jobs, and how much of each limit is left.

/** A limit of what may run at once. */
export interface Room {
  /** What it holds for, e.g. `target local-process`. */
  readonly scope: string;
  readonly limit: number;
  /** Attempts that run now. */
  readonly running: number;
  /** The last round of claims under this limit: what is given by this look holds only where it still is. */
  readonly round: number;
}

export type ClaimRound = Pick<Room, 'scope' | 'round'>;

export interface QueueHead {
  readonly jobId: string;
  readonly priority: number;
  readonly runAt: Date;
  /** Set where its definition has a limit and the job does not yet stand in the lane for it. */
  readonly strayFrom: string | null;
}

/** Jobs of one organization that wait for the same limits. */
export interface Lane {
  readonly organizationId: string;
  /** Null: no limit. */
  readonly organization: Room | null;
  readonly definition: Room | null;
  /** In order; none of a lane whose limit is reached. */
  readonly heads: readonly QueueHead[];
}

export interface ClaimRequestId {
  readonly workerId: string;
  readonly requestId: string;
}

export interface QueueLook {
  readonly target: Room;
  readonly lanes: readonly Lane[];
  /** What these requests were given before. */
  readonly given: readonly (ClaimRequestId & { readonly jobId: string; readonly attempt: number })[];
}

export interface QueueLimits {
  readonly target: number;
  /** Of organizations that have none of their own; null: none. */
  readonly organization: number | null;
}
