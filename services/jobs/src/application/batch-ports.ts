// What the use cases of batches and of bulk operations need from the store, and what readers ask of it.
import type { Actor } from '@weft/identity';
import type { JobState, RegistryBatchRequested } from '@weft/contracts';
import type { Batch } from '../domain/batch.js';
import type { JobFilter } from './job-list.js';
import type { PageAt, PageOf } from './job-reader.js';
import type { JobInput, LockedJob } from './ports.js';

export interface JobPlace {
  readonly submittedAt: Date;
  readonly id: string;
}

/** Part of a long list of jobs, the latest first. */
export interface JobChunk {
  readonly after: JobPlace | undefined;
  readonly most: number;
}

export interface UnfinishedCancel {
  readonly batchId: string;
  readonly organizationId: string;
  readonly askedBy: string;
}

export interface BatchStore {
  /**
   * False: there is a batch of this id already, and nothing was written.
   * @param shared what its jobs share; null where they share nothing.
   */
  insert(batch: Batch, shared: JobInput | null): Promise<boolean>;
  /**
   * Keeps a part of a batch that the registry asks for, unless the batch is there already. With the last one that was
   * missing it hands out all of them, in their order, and forgets them; whoever has another part waits for that.
   */
  gather(part: RegistryBatchRequested): Promise<readonly RegistryBatchRequested[]>;
  /** Waits for the row lock of the batch; its jobs go on. */
  lock(batchId: string): Promise<Batch | undefined>;
  /** Keeps the request; from here on none of its jobs begins, they wait for the request outside of the queue. */
  askToCancel(batchId: string, askedBy: string): Promise<void>;
  /** The request has reached every job. */
  cancelReached(batchId: string): Promise<void>;
  /** Requests that were made a while ago: whoever took them has died, or has much to do. */
  unfinishedCancels(most: number): Promise<UnfinishedCancel[]>;
  /** Jobs that are neither final nor asked to cancel, but for those that others hold: so two at once share the work. */
  lockCancellable(organizationId: string, filter: JobFilter, chunk: JobChunk): Promise<LockedJob[]>;
  /** The same without their locks, and those that others hold too. */
  cancellable(organizationId: string, filter: JobFilter, chunk: JobChunk): Promise<JobPlace[]>;
  /** How many those are; counts no further than `most`. */
  countCancellable(organizationId: string, filter: JobFilter, most: number): Promise<number>;
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
  /** Those whose jobs need each other, or the others. */
  readonly workflows: boolean;
  /** True: those of the registry's own jobs; else the others. */
  readonly hidden?: boolean;
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
