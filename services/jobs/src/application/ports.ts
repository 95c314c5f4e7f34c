// What the use cases need from the outside, in their own words. context.ts says who provides it.
import type { AttemptReport, ResultPool } from '@weft/contracts';
import type { Batch } from '../domain/batch.js';
import type { Attempt, Job, JobItem, Transition } from '../domain/job.js';
import type { StoredCommand } from '../domain/command.js';
import type { JobChange } from '../domain/job-change.js';
import type { BornJob } from '../domain/new-job.js';
import type { Wishes } from '../domain/references.js';
import type { BatchStore } from './batch-ports.js';
import type { DeadLetterStore } from './dead-letter-ports.js';
import type { DefinitionStore } from './definition-ports.js';
import type { FindDue } from './due-jobs.js';
import type { QueueCap } from './queue-cap.js';
import type {
  ClaimRequestId,
  ClaimRound,
  DefaultLimits,
  QueueLimits,
  QueueLimitStore,
  QueueLook,
} from './queue-ports.js';
import type { InputTrace } from '../domain/input-trace.js';
import type { ReferenceReader, ReferenceStore } from './reference-ports.js';
import type { RecordStore, ViewStore } from './record-ports.js';
import type { ScheduleStore } from './schedule-ports.js';
import type { WorkflowStore } from './workflow-ports.js';
import type { WebhookPorts, WebhookStore } from './webhook-ports.js';

export interface InputFacts {
  readonly dataArtifactId: string | null;
  readonly codeArtifactId: string | null;
  readonly dataSha256: string | null;
  readonly paramsSha256: string | null;
  /** Of the text of a command. */
  readonly commandSha256: string | null;
  readonly trace: InputTrace | null;
  readonly dataBytes: number;
  readonly paramsBytes: number;
  /** Where its results are to be put when the job has succeeded. */
  readonly resultPool: ResultPool | null;
}

export interface JobInput extends InputFacts {
  readonly id: string;
  /** The input that holds what the jobs of a batch share. */
  readonly sharedId?: string | null;
  /** JSON texts. */
  readonly data: string | null;
  readonly params: string | null;
  /** JSON text of each item's own params. */
  readonly itemParams: readonly (string | null)[];
  /** What a COMMAND job runs; null for the others. */
  readonly command: StoredCommand | null;
  readonly size: string | null;
  readonly image: string | null;
}

/** A job as it was last seen, with all its items (without results). A write that starts from it is guarded by its `seq`. */
export interface KnownJob {
  readonly job: Job;
  readonly items: readonly JobItem[];
  /** When its last transition was. */
  readonly at: Date;
  /** Those that are known; all of them once there are as many as the job counts. */
  readonly attempts: readonly Attempt[];
  readonly input: InputFacts;
  /** The values of the input, where they are small. */
  readonly values: JobInput | null;
}

/** A change and what has to be known to tell others of it. */
export interface Written {
  readonly change: JobChange;
  readonly input: InputFacts;
  /** Attempts as they were before, as far as known. */
  readonly attempts: readonly Attempt[];
  /** Written only where nobody else has claimed under these limits since. */
  readonly rounds?: readonly ClaimRound[];
}

/** A new job, with the input that comes with it unless it shares that of another. */
export interface Birth {
  readonly born: BornJob;
  readonly input: JobInput | null;
  readonly facts: InputFacts;
  readonly key: { readonly organizationId: string; readonly key: string; readonly inputHash: string } | null;
  /** It is handed to a worker that waits: what that changes, and the round of claims that it takes. */
  readonly given?: { readonly change: JobChange; readonly round: ClaimRound };
  /** It goes into the queue, whoever waits. */
  readonly queued?: boolean;
}

export interface Promoted {
  /** Of each that came into its lane. */
  readonly targetIds: readonly string[];
  /** When the next one's time comes. */
  readonly nextAt: Date | null;
}

/** New jobs, some of them handed to workers; `settle` is told which were written, and how. */
export interface HandedOver {
  readonly births: readonly Birth[];
  settle(written: ReadonlyMap<string, Birth>): void;
}

/**
 * Statements that commit by themselves; concurrent ones travel together. Nothing is locked beforehand: a change is
 * written where its job is still at the `seq` it started from, else not at all.
 */
export interface HotStore {
  /** The birth as it was written; nothing where the idempotency key belongs to another job. */
  insert(birth: Birth): Promise<Birth | undefined>;
  /** False: the job has moved on meanwhile. */
  save(written: Written): Promise<boolean>;
  /** The same for several jobs at once. */
  saveMany(written: readonly Written[]): Promise<boolean[]>;
  /** The first jobs of each lane as far as the limits leave room, and what was given to these requests before. */
  look(
    targetId: string,
    limits: QueueLimits,
    most: number,
    requests: readonly ClaimRequestId[],
  ): Promise<QueueLook>;
  /** Puts waiting jobs of these definitions, which have a limit now, into lanes of their own. */
  gateStrays(targetId: string, definitionIds: readonly string[]): Promise<void>;
  load(jobIds: readonly string[]): Promise<KnownJob[]>;
  /** Takes entries out of the queue whose jobs are no more. */
  dropOrphans(jobIds: readonly string[]): Promise<void>;
  inputs(inputIds: readonly string[]): Promise<Map<string, JobInput>>;
  keyHolder(organizationId: string, key: string): Promise<{ jobId: string; inputHash: string } | undefined>;
  /** Lets jobs whose time has come into their lanes; the targets that have work by it. */
  promote(most: number): Promise<Promoted>;
}

/** A job under its row lock, with all its items (without results) and the database's clock. */
export interface LockedJob {
  readonly job: Job;
  readonly items: readonly JobItem[];
  readonly input: InputFacts;
  readonly now: Date;
}

/** What a new run of a job starts from: with the input that it was submitted with, before results of steps came into it. */
export interface RepeatedJob extends LockedJob {
  readonly wishes: Pick<Wishes, 'kind' | 'size' | 'image'>;
}

/** What a job was given and what one of its items made, by value; null: nothing, or a file. */
export interface JobValues {
  readonly data: string | null;
  readonly params: string | null;
  readonly result: string | null;
}

export interface JobStore {
  now(): Promise<Date>;
  /** Waits for the row lock; `undefined` when there is no such job. */
  lock(jobId: string): Promise<LockedJob | undefined>;
  attempt(jobId: string, number: number): Promise<Attempt | undefined>;
  runningAttempts(jobIds: readonly string[]): Promise<Attempt[]>;
  /** Jobs of which an attempt's lease has run out. */
  readonly expired: FindDue;
  /** Jobs that waited for references, of which all are known now, and those that have waited long enough. */
  readonly resolvable: FindDue;
  /** Some hundreds at a time, in one statement. */
  insert(births: readonly Birth[]): Promise<void>;
  /** Writes what changed, the history and the outbox rows, in one statement. */
  save(written: readonly Written[]): Promise<void>;
  /** In the order of these. */
  toRepeat(locked: readonly LockedJob[]): Promise<RepeatedJob[]>;
  inputOfJob(jobId: string): Promise<JobInput | undefined>;
  /** JSON texts of another job if it is of the same organization as this one; params are the job's, or what this item brought of its own. */
  valuesOfAnother(jobId: string, other: string, item: number | null): Promise<JobValues | undefined>;
  /** The value that an item of a job of the organization made, as JSON text; null: none, or there is no such job any more. */
  resultValue(organizationId: string, jobId: string, itemIndex: number): Promise<string | null>;
  recordRefusal(workerId: string, report: AttemptReport, code: string): Promise<void>;
  /** Extends the leases of these attempts where they are still held by the worker. */
  renew(
    workerId: string,
    targetId: string,
    renewals: readonly Renewal[],
    leaseMs: number,
  ): Promise<Renewed[]>;
}

export interface Renewal {
  readonly jobId: string;
  readonly attempt: number;
  readonly fence: number;
  readonly progress: number | null;
  readonly progressMessage: string | null;
}

export interface Renewed {
  readonly jobId: string;
  readonly attempt: number;
  /** Cancellation of all that is left of it was requested and the target can honour it. */
  readonly cancel: boolean;
  /** The same for these items only. */
  readonly cancelItems: readonly number[] | null;
}

export interface SubmissionKeys {
  /** Takes the key for this job, or tells who has it. Waits for a concurrent submission under the same key. */
  take(
    organizationId: string,
    key: string,
    inputHash: string,
    jobId: string,
  ): Promise<{ jobId: string; inputHash: string } | undefined>;
}

/** Deadlines that somebody still has to look at; a job's comes in with the job. */
export interface DeadlineStore {
  readonly due: FindDue;
  drop(jobId: string): Promise<void>;
  lookAgain(jobId: string, at: Date): Promise<void>;
}

/** One transaction. */
export interface Work {
  readonly jobs: JobStore;
  readonly keys: SubmissionKeys;
  readonly references: ReferenceStore;
  readonly definitions: DefinitionStore;
  readonly schedules: ScheduleStore;
  readonly webhooks: WebhookStore;
  readonly records: RecordStore;
  readonly views: ViewStore;
  readonly batches: BatchStore;
  readonly workflows: WorkflowStore;
  readonly deadLetters: DeadLetterStore;
  readonly deadlines: DeadlineStore;
  readonly queueLimits: QueueLimitStore;
  /** True the first time that this consumer hears this message. */
  firstHearing(consumer: string, messageId: string): Promise<boolean>;
  afterCommit(callback: () => void): void;
}

export type Transact = <T>(work: (tx: Work) => Promise<T>) => Promise<T>;

export interface CancelRequest {
  readonly attempt: Attempt;
  /** Only these items of it; null: all that is left. */
  readonly items: readonly number[] | null;
}

/** Told after a commit (or after none), to whoever in this process or on another replica waits for it. Never more than a hint. */
export interface Signals {
  jobChanged(job: Job, transitions: readonly Transition[]): void;
  claimable(targetId: string): void;
  /** A job waits for this time before it can be claimed. */
  due(at: Date): void;
  /**
   * Attempts ended: what waited for a limit may go on.
   * @param ranAt a moment of `performance.now()` at which they still ran, where one is known.
   */
  freed(ended: readonly Attempt[], ranAt: number | undefined): void;
  cancelRequested(requests: readonly CancelRequest[]): void;
  /** Its jobs were submitted; they are not told one by one. */
  batchAccepted(batch: Batch): void;
  /** Of some workflow, or its cancellation did: steps may go on. */
  stepEnded(): void;
  /** The job could not be moved on for an unexpected reason; it will be tried again. */
  stuck(jobId: string, error: unknown): void;
}

export interface Chance {
  /** In [0, 1). */
  random(): number;
  newId(): string;
  sha256(text: string): string;
}

/** Seals what must not be read where it is kept; what is sealed for one place opens there only. */
export interface Secrets {
  /** @param place where it is kept: it opens there and nowhere else. */
  seal(text: string, place: string): string;
  /** Throws when the text was changed, sealed with a key that is not given any more, or for another place. */
  open(sealed: string, place: string): string;
  /** Tells whether two secrets are the same without telling what they are. */
  fingerprint(text: string): string;
}

export interface Timing {
  /** The lease of a claim until the worker's first renewal. */
  readonly startLeaseMs: number;
  readonly leaseMs: number;
  readonly backoff: { readonly baseMs: number; readonly maxMs: number };
  /** How long an unknown reference is waited for. */
  readonly referenceWaitMs: number;
}

/** What this replica remembers of jobs under way. */
export interface RecentJobs {
  get(jobId: string): KnownJob | undefined;
  remember(known: KnownJob): void;
  forget(jobId: string): void;
}

export interface Ports {
  readonly transact: Transact;
  readonly hot: HotStore;
  readonly recent: RecentJobs;
  /** A second old at the most; what is not known here is looked up every time. */
  readonly references: ReferenceReader;
  /** The database's clock. */
  readonly now: () => Date;
  readonly signals: Signals;
  readonly chance: Chance;
  readonly secrets: Secrets;
  readonly timing: Timing;
  readonly limits: DefaultLimits;
  readonly queueCap: QueueCap;
  /** Waits a little for news; false: long enough. */
  readonly patience: () => () => Promise<boolean>;
  readonly webhooks: WebhookPorts;
}
