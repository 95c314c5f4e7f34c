// What the use cases of batches and of bulk operations need from the store, and what readers ask of it.
import type { Actor } from '@weft/identity';
import type { JobState } from '@weft/contracts';
import type { Batch } from '../domain/batch.js';
import type { BornJob } from '../domain/new-job.js';
import type { JobFilter, PageAt, PageOf } from './job-reader.js';
import type { InputFacts, JobInput, LockedJob } from './ports.js';

/** Part of a long list of jobs, the latest first. */
export interface JobChunk {
  readonly after: { readonly submittedAt: Date; readonly id: string } | undefined;
  readonly most: number;
  /** Waits for the locks of others; else leaves out what they hold, so that two at once share the work. */
  readonly wait: boolean;
}

export interface UnfinishedCancel {
  readonly batchId: string;
  readonly organizationId: string;
  readonly askedBy: string;
}

export interface BatchStore {
  insert(batch: Batch): Promise<void>;
  insertInputs(inputs: readonly JobInput[]): Promise<void>;
  /** A few hundred at a time, in one statement. */
  insertJobs(births: readonly { readonly born: BornJob; readonly input: InputFacts }[]): Promise<void>;
  /** Waits for the row lock of the batch; its jobs go on. */
  lock(batchId: string): Promise<Batch | undefined>;
  askToCancel(batchId: string, askedBy: string): Promise<void>;
  /** The request has reached every job. */
  cancelReached(batchId: string): Promise<void>;
  /** Requests that were made a while ago: whoever took them has died, or has much to do. */
  unfinishedCancels(most: number): Promise<UnfinishedCancel[]>;
  /** Jobs that are neither final nor asked to cancel. */
  lockCancellable(
    organizationIds: readonly string[],
    filter: JobFilter,
    chunk: JobChunk,
  ): Promise<LockedJob[]>;
  /** How many those are; counts no further than `most`. */
  countCancellable(organizationIds: readonly string[], filter: JobFilter, most: number): Promise<number>;
  /** Jobs that have the last word in the batch and ended in one of these states, by their place. */
  lockEnded(
    batchId: string,
    states: readonly JobState[],
    afterIndex: number,
    most: number,
  ): Promise<LockedJob[]>;
  /** Folds steps into the counts of batches that nobody else folds at the moment. */
  fold(mostBatches: number): Promise<void>;
}

export interface BatchFilter {
  readonly organizationId?: string | undefined;
  readonly name?: string | undefined;
}

export interface BatchReader {
  /** In the order of the ids; `undefined` where there is none that the actor may see. */
  byIds(actor: Actor, ids: readonly string[]): Promise<(Batch | undefined)[]>;
  /** The latest first. */
  list(actor: Actor, filter: BatchFilter, page: PageAt): Promise<PageOf<Batch>>;
  /** Without a look at rights: for followers whose rights were looked at. */
  present(ids: readonly string[]): Promise<Batch[]>;
}
