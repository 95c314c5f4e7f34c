// The conditions of a list, asked of a single job: for live lists, which cannot ask the database once for each
// subscriber. The list itself asks them in SQL (persistence/job-conditions.ts); a test compares the two.
import { isFinalJobState } from '@weft/contracts';
import type { Job } from '../domain/job.js';
import { kindsOf, type JobFilter } from './job-list.js';

export interface ListedJob {
  readonly job: Job;
  /** Name, description and tags in lower case, as the database makes it. */
  readonly words: string;
}

export const wordsOf = (text: string | undefined): string[] =>
  (text ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, 10);

/** Whether the filter takes the job as it is. */
export const takes = (filter: JobFilter, listed: ListedJob): boolean =>
  isOwned(filter, listed.job) &&
  isOfKind(filter, listed.job) &&
  isInState(filter, listed.job) &&
  isDescribed(filter, listed);

/** Whether the filter, which does not take the job as it is, may have taken it before. */
export const mayHaveTaken = (filter: JobFilter, listed: ListedJob): boolean =>
  isOfKind(filter, listed.job) &&
  (isInState(filter, listed.job) || filter.states?.some((state) => !isFinalJobState(state)) === true) &&
  (listed.job.recordRevision > 0 || isDescribed(filter, listed));

const isOwned = ({ organizationId }: JobFilter, job: Job): boolean =>
  organizationId === undefined || job.organizationId === organizationId;

const isInState = ({ states }: JobFilter, { state }: Job): boolean =>
  states === undefined || states.includes(state);

const isDescribed = ({ tags, text }: JobFilter, { job, words }: ListedJob): boolean =>
  (tags ?? []).every((tag) => job.tags.includes(tag)) &&
  wordsOf(text).every((word) => word.isWellFormed() && words.includes(word));

/** What never changes of a job, or once: what is not taken by these conditions now never was before. */
function isOfKind(filter: JobFilter, job: Job): boolean {
  return (
    kindsOf(filter).includes(job.kind) &&
    isThis(filter.targetId, job.targetId) &&
    isThis(filter.serviceId, job.serviceId) &&
    isThis(filter.serviceVersionId, job.serviceVersionId) &&
    isThis(filter.createdBy, job.createdBy) &&
    isThis(filter.definitionId?.toLowerCase(), job.definitionId) &&
    isThis(filter.batchId?.toLowerCase(), job.batchId) &&
    isBetween(filter.submittedAfter, filter.submittedBefore, job.submittedAt) &&
    isBetween(filter.startedAfter, filter.startedBefore, job.startedAt) &&
    isBetween(filter.endedAfter, filter.endedBefore, job.endedAt)
  );
}

const isThis = (wanted: string | undefined, id: string | null): boolean =>
  wanted === undefined || wanted === id;

const isBetween = (from: Date | undefined, to: Date | undefined, time: Date | null): boolean =>
  (from === undefined || (time !== null && time >= from)) &&
  (to === undefined || (time !== null && time < to));
