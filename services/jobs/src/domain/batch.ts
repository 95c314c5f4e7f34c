// A batch: jobs that were submitted together, and what they add up to.
import type { JobState } from '@weft/contracts';
import type { FailurePolicy } from './workflow/workflow.js';
import { NO_ITEMS, rollUp, type ItemCounts } from './roll-up.js';

export interface Batch {
  readonly id: string;
  readonly organizationId: string;
  readonly createdBy: string;
  readonly name: string;
  readonly correlationId: string;
  /** How many jobs were submitted; a retry takes the place of the job that it repeats. */
  readonly jobsTotal: number;
  /** Of a workflow, whose jobs need each other; null for a batch, whose jobs do not. */
  readonly onFailure: FailurePolicy | null;
  /** Of jobs of the registry's own: it is in no list unless asked for. */
  readonly hidden: boolean;
  /** How many jobs are in each state, by the last word: of a job and its retries the latest one counts. */
  readonly counts: ItemCounts;
  /** Grows by one with every change of a job's state. */
  readonly seq: number;
  readonly submittedAt: Date;
  readonly startedAt: Date | null;
  /** When the last job ended so far. */
  readonly lastEndedAt: Date | null;
  readonly cancelRequestedAt: Date | null;
  /** Cancellation was asked for and has not reached every job yet. */
  readonly cancelling: boolean;
}

type AsSubmitted =
  | 'id'
  | 'organizationId'
  | 'createdBy'
  | 'name'
  | 'correlationId'
  | 'jobsTotal'
  | 'onFailure'
  | 'hidden'
  | 'submittedAt';

/** As it is when it is accepted: all of its jobs wait. */
export const newBatch = (submitted: Pick<Batch, AsSubmitted>): Batch => ({
  ...submitted,
  counts: { ...NO_ITEMS, PENDING: submitted.jobsTotal },
  seq: 1,
  startedAt: null,
  lastEndedAt: null,
  cancelRequestedAt: null,
  cancelling: false,
});

export const openJobs = ({ counts }: Pick<Batch, 'counts'>): number =>
  counts.PENDING + counts.DEQUEUED + counts.IN_PROGRESS + counts.CANCELLING;

/** Rolled up as a job is from its items; CANCELLING once nothing is left that has not been asked to cancel. */
export function stateOfBatch({ counts, cancelling }: Pick<Batch, 'counts' | 'cancelling'>): JobState {
  const untouched = counts.PENDING + counts.DEQUEUED + counts.IN_PROGRESS;
  return rollUp(counts, 0, cancelling || (counts.CANCELLING > 0 && untouched === 0));
}

export const endedAtOf = (batch: Batch): Date | null => (openJobs(batch) === 0 ? batch.lastEndedAt : null);

/** The share of jobs that have ended, from 0 to 1. */
export const progressOf = (batch: Batch): number =>
  batch.jobsTotal === 0 ? 1 : (batch.jobsTotal - openJobs(batch)) / batch.jobsTotal;
