// What the use cases need from the outside, in their own words. context.ts says who provides it.
import type { AttemptReport } from '@weft/contracts';
import type { Batch } from '../domain/batch.js';
import type { Attempt, Job, JobItem, Transition } from '../domain/job.js';
import type { StoredCommand } from '../domain/command.js';
import type { JobChange } from '../domain/job-change.js';
import type { BornJob } from '../domain/new-job.js';
import type { KnownArtifact, KnownServiceVersion, KnownTarget, References } from '../domain/references.js';
import type { BatchStore } from './batch-ports.js';
import type { DefinitionStore } from './definition-ports.js';
import type { ScheduleStore } from './schedule-ports.js';
import type { WebhookPorts, WebhookStore } from './webhook-ports.js';

export interface InputFacts {
  readonly dataArtifactId: string | null;
  readonly codeArtifactId: string | null;
  readonly dataSha256: string | null;
  readonly paramsSha256: string | null;
  readonly dataBytes: number;
  readonly paramsBytes: number;
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

/** A job under its row lock, with all its items (without results) and the database's clock. */
export interface LockedJob {
  readonly job: Job;
  readonly items: readonly JobItem[];
  readonly input: InputFacts;
  readonly now: Date;
}

export interface JobStore {
  now(): Promise<Date>;
  /** Waits for the row lock; `undefined` when there is no such job. */
  lock(jobId: string): Promise<LockedJob | undefined>;
  /** Jobs of the target that can be claimed now, in the order of the queue, those locked by others left out. */
  lockClaimable(targetId: string, most: number): Promise<LockedJob[]>;
  attempt(jobId: string, number: number): Promise<Attempt | undefined>;
  runningAttempts(jobId: string): Promise<Attempt[]>;
  /** Running attempts that this worker was given for this claim request; `undefined` while another transaction serves it. */
  attemptsOfClaim(workerId: string, claimRequestId: string): Promise<Attempt[] | undefined>;
  expiredJobIds(most: number): Promise<string[]>;
  waitingJobIds(most: number): Promise<string[]>;
  nextFences(count: number): Promise<number[]>;
  insert(born: BornJob, input: JobInput | null, inputFacts: InputFacts): Promise<void>;
  /** Writes what changed, the history and the outbox rows, in one statement. */
  save(changes: readonly { change: JobChange; input: InputFacts }[]): Promise<void>;
  inputs(inputIds: readonly string[]): Promise<Map<string, JobInput>>;
  inputOfJob(jobId: string): Promise<JobInput | undefined>;
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
  /** Cancellation was requested and the target can honour it. */
  readonly cancel: boolean;
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

export interface ReferenceStore {
  find(
    serviceVersionId: string | null,
    targetId: string,
    artifacts: Pick<InputFacts, 'dataArtifactId' | 'codeArtifactId'>,
  ): Promise<References>;
  target(targetId: string): Promise<KnownTarget | undefined>;
  serviceVersions(ids: readonly string[]): Promise<Map<string, KnownServiceVersion>>;
  /** Keeps what is newer than what is known. */
  keepServiceVersion(version: KnownServiceVersion): Promise<void>;
  keepTarget(target: KnownTarget): Promise<void>;
  keepArtifact(artifact: KnownArtifact): Promise<void>;
}

/** One transaction. */
export interface Work {
  readonly jobs: JobStore;
  readonly keys: SubmissionKeys;
  readonly references: ReferenceStore;
  readonly definitions: DefinitionStore;
  readonly schedules: ScheduleStore;
  readonly webhooks: WebhookStore;
  readonly batches: BatchStore;
  /** True the first time that this consumer hears this message. */
  firstHearing(consumer: string, messageId: string): Promise<boolean>;
  afterCommit(callback: () => void): void;
}

export type Transact = <T>(work: (tx: Work) => Promise<T>) => Promise<T>;

/** Told after a commit (or after none), to whoever in this process or on another replica waits for it. Never more than a hint. */
export interface Signals {
  /** The outbox has rows. */
  committed(): void;
  jobChanged(job: Job, transitions: readonly Transition[]): void;
  claimable(targetId: string): void;
  cancelRequested(attempts: readonly Attempt[]): void;
  /** Its jobs were submitted; they are not told one by one. */
  batchAccepted(batch: Batch): void;
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

export interface Ports {
  readonly transact: Transact;
  readonly signals: Signals;
  readonly chance: Chance;
  readonly secrets: Secrets;
  readonly timing: Timing;
  readonly webhooks: WebhookPorts;
}

/** Writes changes and, after the commit, tells whom it concerns. */
export async function commitChanges(
  tx: Work,
  signals: Signals,
  changes: readonly { readonly change: JobChange; readonly input: InputFacts }[],
): Promise<void> {
  const changed = changes.filter(({ change }) => change.changed);
  if (changed.length === 0) return;
  await tx.jobs.save(changed);
  tx.afterCommit(() => {
    signals.committed();
    for (const { change } of changed) {
      signals.jobChanged(change.job, change.transitions);
      if (change.job.claimableAt !== null && change.job.claimableAt <= change.now)
        signals.claimable(change.job.targetId);
    }
  });
}
