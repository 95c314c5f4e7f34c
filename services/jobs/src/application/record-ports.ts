import type { JobKind, JobState } from '@weft/contracts';
import type { Actor } from '@weft/identity';
import type { FieldChange, JobRecord, RecordAction, RecordPatch } from '../domain/job-record.js';
import type { TransitionActor } from '../domain/job.js';
import type { JobFilter, JobOrder } from './job-list.js';
import type { PageAt, PageOf } from './job-reader.js';

export interface RecordStore {
  /** The job under its row lock. */
  lock(jobId: string): Promise<(JobRecord & { readonly now: Date }) | undefined>;
  /** Changes it and tells of it. */
  update(
    record: JobRecord,
    patch: RecordPatch,
    fields: readonly string[],
    revision: number,
    at: Date,
  ): Promise<void>;
  /** Gives the job to another organization and tells of it. */
  transfer(record: JobRecord, organizationId: string, revision: number, at: Date): Promise<void>;
  /** A retry that holds a result of this job by reference. */
  carriedInto(jobId: string): Promise<string | undefined>;
  /** Removes a final job with all that belongs to it, leaves a tombstone and tells of it. */
  delete(record: JobRecord, revision: number, by: TransitionActor, at: Date): Promise<void>;
  /** Adds to the history of the record and gives the number of the entry. */
  audit(
    record: JobRecord,
    entry: { action: RecordAction; changes: readonly FieldChange[]; actor: TransitionActor; at: Date },
  ): Promise<number>;
  setRetention(organizationId: string, days: number | null, by: string): Promise<void>;
  /** Final jobs kept longer than their organization wants, under their row locks; none that a retry still needs. */
  lockOutlived(most: number): Promise<(JobRecord & { readonly now: Date })[]>;
}

export interface JobView {
  readonly id: string;
  readonly organizationId: string;
  readonly ownerId: string;
  readonly shared: boolean;
  readonly name: string;
  readonly filter: JobFilter;
  readonly orderBy: JobOrder;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface ViewStore {
  /** Of the owner in the organization; whoever else changes their views waits. */
  lockOwned(organizationId: string, ownerId: string): Promise<{ id: string; name: string }[]>;
  find(id: string): Promise<JobView | undefined>;
  /** Creates it, or replaces the owner's view of this name; gives the id. */
  save(view: Omit<JobView, 'createdAt' | 'updatedAt'>): Promise<string>;
  delete(id: string): Promise<void>;
}

export interface AuditEntry {
  readonly number: number;
  readonly at: Date;
  readonly actor: TransitionActor;
  readonly action: RecordAction;
  readonly changes: readonly FieldChange[];
}

/** What is left of a job that was deleted. */
export interface Tombstone {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly kind: JobKind;
  readonly state: JobState;
  readonly createdBy: string;
  readonly retryOf: string | null;
  readonly serviceVersionId: string | null;
  readonly dataSha256: string | null;
  readonly paramsSha256: string | null;
  readonly submittedAt: Date;
  readonly endedAt: Date;
  readonly deletedAt: Date;
  readonly deletedBy: string;
}

export interface RecordReader {
  /** Of a job that the actor was already given, the oldest first. */
  audit(jobId: string, afterNumber: number, first: number): Promise<PageOf<AuditEntry>>;
  /** The last deleted first. */
  deletedJobs(
    actor: Actor,
    filter: Pick<JobFilter, 'organizationId' | 'kinds'>,
    page: PageAt,
  ): Promise<PageOf<Tombstone>>;
  /** Null: jobs are kept. */
  retentionDays(actor: Actor, organizationId: string): Promise<number | null>;
  /** The actor's own and those shared in their organizations, by id. */
  views(actor: Actor, organizationId: string | undefined, page: PageAt): Promise<PageOf<JobView>>;
  view(actor: Actor, id: string): Promise<JobView | undefined>;
}
