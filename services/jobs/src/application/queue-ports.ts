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
  /** Organizations with a limit of their own on what runs; undefined where there are too many to name. */
  readonly limitedOrganizations: ReadonlySet<string> | undefined;
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

/** Limits of organizations that have none of their own. */
export interface DefaultLimits {
  /** Attempts that run at once; null: as many as the targets run. */
  readonly concurrentAttempts: number | null;
  /** Jobs that wait to be claimed. */
  readonly queuedJobs: number;
}

/** Limits set for one organization; null: the default. */
export interface OwnLimits {
  readonly concurrentAttempts: number | null;
  readonly queuedJobs: number | null;
}

export interface QueueLimitStore {
  set(organizationId: string, limits: OwnLimits, setBy: string): Promise<void>;
}

/** What keeps a job waiting, the most lasting first; an open vocabulary of the graph. */
export const WAITS_FOR = [
  'TIME',
  'TARGET_UNAVAILABLE',
  'DEFINITION_LIMIT',
  'ORGANIZATION_LIMIT',
  'TARGET_LIMIT',
  'TURN',
] as const;
export type WaitsFor = (typeof WAITS_FOR)[number];

export interface QueuePlace {
  readonly jobId: string;
  readonly waitsFor: WaitsFor;
  /** In its lane, 1 is next; null while it is in none. */
  readonly position: number | null;
  /** The count was given up there: it is further back. */
  readonly isFurther: boolean;
  /** Since when it is in its lane, or from when it will be. */
  readonly queuedFrom: Date;
  /** Null where nothing is known of how fast the target works, or a limit keeps the job. */
  readonly estimatedStart: Date | null;
}

/** What an organization takes of the queue, and the limits that hold for it. */
export interface QueueUse extends DefaultLimits {
  readonly runningAttempts: number;
  /** Counted up to the limit and one. */
  readonly waitingJobs: number;
}

export interface QueueReader {
  /** Of each job that waits to be claimed, in the order asked. */
  places(jobIds: readonly string[]): Promise<(QueuePlace | undefined)[]>;
  /** How many jobs of the organization wait, counted up to its limit and one, and that limit. */
  waiting(organizationId: string): Promise<{ waiting: number; limit: number }>;
  use(organizationId: string): Promise<QueueUse>;
}
