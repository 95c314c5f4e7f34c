import type { AttemptOutcome, JobKind, JobState } from '@weft/contracts';
import type { Cause } from './lifecycle.js';
import type { ItemCounts } from './roll-up.js';

/** Why a PENDING job waits; open vocabulary of `Job.reason`. */
export const REASONS = [
  'QUEUED',
  'SCHEDULED',
  'WAITING_FOR_REFERENCE',
  'WAITING_FOR_JOBS',
  'RETRYING',
] as const;
export type Reason = (typeof REASONS)[number];

/** What started a job, where it was not submitted as such. */
export interface JobOrigin {
  readonly definitionId: string | null;
  readonly definitionVersion: number | null;
  /** The time for which a schedule planned it. */
  readonly plannedFor: Date | null;
  /** The job that this one runs again, perhaps with other inputs or on another target. */
  readonly rerunOf: string | null;
  readonly batchId: string | null;
  /** Its place in the batch, which its retries take over. */
  readonly batchIndex: number | null;
  /** Of a step of a workflow: what it needs has ended as it must; until then it cannot be claimed. Null for all other jobs. */
  readonly needsMet: boolean | null;
  /** The jobs that it waited for, once they have let it go on; null for all that waited for none. */
  readonly needs: readonly string[] | null;
  /** The definition had a concurrency limit: the job stands in a lane of its own. */
  readonly gated: boolean;
}

export const SUBMITTED_AS_SUCH: JobOrigin = {
  definitionId: null,
  definitionVersion: null,
  plannedFor: null,
  rerunOf: null,
  batchId: null,
  batchIndex: null,
  needsMet: null,
  needs: null,
  gated: false,
};

/** One run of something, with a lifecycle. */
export interface Job extends JobOrigin {
  readonly id: string;
  readonly organizationId: string;
  readonly createdBy: string;
  readonly name: string;
  readonly kind: JobKind;
  /** What the registry does in a job of its own; null for all other jobs. */
  readonly operation: string | null;
  readonly serviceId: string | null;
  /** Null for a job that runs no service. */
  readonly serviceVersionId: string | null;
  readonly targetId: string;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly state: JobState;
  readonly reason: Reason | null;
  /** The job's version: the `seq` of its last transition. */
  readonly seq: number;
  readonly itemsTotal: number;
  /** How many attempts there were so far: the number of the last one. */
  readonly attempts: number;
  readonly carriedOver: number;
  readonly counts: ItemCounts;
  readonly cancelRequestedAt: Date | null;
  /** From when a worker may claim it; null while no item can be claimed. */
  readonly claimableAt: Date | null;
  /** Until when an unknown reference is waited for. */
  readonly referenceDeadline: Date | null;
  readonly maxAttempts: number;
  readonly timeoutSeconds: number | null;
  /** No attempt before this time. */
  readonly startAt: Date | null;
  /** What is not done by then fails. */
  readonly deadline: Date | null;
  /** Inputs are shared between a job and its retries. */
  readonly inputId: string;
  readonly retryOf: string | null;
  readonly correlationId: string;
  /** How often people changed its record: name, priority, tags … (`job-record.ts`). */
  readonly recordRevision: number;
  readonly submittedAt: Date;
  readonly dequeuedAt: Date | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

export interface JobError {
  readonly code: string;
  readonly message: string;
}

/** One of up to 300 units inside a job. */
export interface JobItem {
  readonly jobId: string;
  readonly index: number;
  readonly state: JobState;
  /** Number of the attempt that holds or last held it. */
  readonly attempt: number | null;
  readonly failures: number;
  readonly losses: number;
  readonly runAt: Date;
  /** JSON text by value. */
  readonly result: string | null;
  readonly resultArtifactId: string | null;
  readonly resultSha256: string | null;
  readonly error: JobError | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  /** The job whose item of the same index holds the result, when it was carried over. */
  readonly carriedFrom: string | null;
}

/** One try at running a slice of a job's items. */
export interface Attempt {
  readonly jobId: string;
  readonly number: number;
  /** The number once more: a counter of the job, taken under its `seq`; every write of the worker carries it. */
  readonly fence: number;
  readonly workerId: string;
  readonly targetId: string;
  /** Whose limits count it while it runs. */
  readonly organizationId: string;
  readonly definitionId: string | null;
  readonly items: readonly number[];
  readonly outcome: AttemptOutcome;
  readonly claimedAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly leaseUntil: Date;
  readonly claimRequestId: string;
  /** Its place in the answer to that request. */
  readonly claimSlot: number;
  /** What it ran in, by its digest; null while its worker has not said. */
  readonly environment: string | null;
}

export const ACTOR_KINDS = ['user', 'worker', 'system'] as const;
const secondsBetween = (from: Date | null, to: Date | null): number | null =>
  from === null || to === null ? null : (to.getTime() - from.getTime()) / 1_000;

type Times = Pick<Job, 'submittedAt' | 'startedAt' | 'endedAt'>;
/** From submission to the first start. */
export const queueSecondsOf = (job: Times): number | null => secondsBetween(job.submittedAt, job.startedAt);
/** From the first start to the end. */
export const runSecondsOf = (job: Times): number | null => secondsBetween(job.startedAt, job.endedAt);

/** Who caused a transition. */
export interface TransitionActor {
  readonly kind: (typeof ACTOR_KINDS)[number];
  readonly id: string;
}

export const SYSTEM: TransitionActor = { kind: 'system', id: 'jobs' };

/** Neighbouring items that went the same way together. */
export interface ItemMove {
  readonly first: number;
  readonly last: number;
  readonly from: JobState | null;
  readonly to: JobState;
}

/** One step in the history of a job. */
export interface Transition {
  readonly jobId: string;
  readonly seq: number;
  readonly at: Date;
  readonly cause: Cause;
  readonly actor: TransitionActor;
  readonly from: JobState | null;
  readonly to: JobState;
  readonly reason: Reason | null;
  readonly attempt: number | null;
  readonly items: readonly ItemMove[];
  readonly message: string | null;
}

/** Why a job waits that waits for nothing but its time, or its turn. */
export const reasonToWait = ({ startAt }: Pick<Job, 'startAt'>, now: Date): 'SCHEDULED' | 'QUEUED' =>
  startAt !== null && startAt > now ? 'SCHEDULED' : 'QUEUED';

export const toBeDoneBy = ({ deadline }: Pick<Job, 'deadline'>): string =>
  `The job was to be done by ${deadline?.toISOString() ?? 'now'}.`;
