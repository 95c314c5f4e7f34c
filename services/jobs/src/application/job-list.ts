// Lists and summaries of jobs: which, in which order, and how far a single request looks.
import { JOB_KINDS, type JobKind, type JobState } from '@weft/contracts';
import type { Actor } from '@weft/identity';
import type { Job } from '../domain/job.js';

export interface JobFilter {
  readonly organizationId?: string | undefined;
  readonly states?: readonly JobState[] | undefined;
  /** Of these kinds; left out: of all but those that are hidden ({@link kindsOf}). */
  readonly kinds?: readonly JobKind[] | undefined;
  readonly targetId?: string | undefined;
  readonly serviceId?: string | undefined;
  readonly serviceVersionId?: string | undefined;
  readonly definitionId?: string | undefined;
  /** Submitted with this batch, or a retry of such a job. */
  readonly batchId?: string | undefined;
  readonly createdBy?: string | undefined;
  /** All of them. */
  readonly tags?: readonly string[] | undefined;
  /** Every word of it somewhere in name, description or tags. */
  readonly text?: string | undefined;
  readonly submittedAfter?: Date | undefined;
  readonly submittedBefore?: Date | undefined;
  readonly startedAfter?: Date | undefined;
  readonly startedBefore?: Date | undefined;
  readonly endedAfter?: Date | undefined;
  readonly endedBefore?: Date | undefined;
  /** Failed and not dealt with; such lists are in the order of the ends. */
  readonly dead?: true | undefined;
}

/** Jobs of the registry's own are listed only by who names their kind, or the batch or workflow that they belong to. */
export const kindsOf = ({ kinds, batchId }: JobFilter): readonly JobKind[] =>
  kinds ?? (batchId === undefined ? JOB_KINDS.filter((kind) => kind !== 'REGISTRATION') : JOB_KINDS);

export const JOB_ORDERS = ['NEWEST', 'OLDEST', 'LAST_ENDED'] as const;
export type JobOrder = (typeof JOB_ORDERS)[number];

export const JOB_GROUPINGS = [
  'STATE',
  'PHASE',
  'KIND',
  'TARGET',
  'DEFINITION',
  'ORGANIZATION',
  'DAY',
] as const;
export type JobGrouping = (typeof JOB_GROUPINGS)[number];

/** A row's place in an order. */
export type JobPlace = readonly [Date, string];

export interface JobPage {
  readonly rows: readonly Job[];
  readonly hasNextPage: boolean;
  /** Where the next page begins; it may be past the last row, when rows were looked at that did not match. */
  readonly end: JobPlace | undefined;
}

export interface JobCounts {
  readonly groups: readonly { readonly key: string; readonly count: number }[];
  readonly counted: number;
  /** False when there is more history than one request looks at: then these are of the latest. */
  readonly complete: boolean;
}

export interface DurationSummary {
  readonly jobs: number;
  readonly p50Seconds: number;
  readonly p95Seconds: number;
  readonly maxSeconds: number;
}

export interface JobDurations {
  /** From submission to the first start. */
  readonly queue: DurationSummary | undefined;
  /** From the first start to the end. */
  readonly run: DurationSummary | undefined;
  readonly complete: boolean;
}

/** Rows that a page looks at for a condition that no index answers. */
export const LOOKED_AT_A_PAGE = 10_000;
/** Rows that a count or a summary looks at. */
export const LOOKED_AT_A_SUMMARY = 100_000;

export interface JobList {
  page(
    actor: Actor,
    filter: JobFilter,
    order: JobOrder,
    page: { readonly first: number; readonly after: readonly (string | number)[] | undefined },
  ): Promise<JobPage>;
  counts(actor: Actor, filter: JobFilter, by: JobGrouping): Promise<JobCounts>;
  durations(actor: Actor, filter: JobFilter): Promise<JobDurations>;
}

export const placeOf = (order: JobOrder, job: Job): JobPlace => {
  switch (order) {
    case 'NEWEST':
    case 'OLDEST':
      return [job.submittedAt, job.id];
    case 'LAST_ENDED':
      return [job.endedAt as Date, job.id];
  }
};
