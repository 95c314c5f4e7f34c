import { AppError } from '@weft/errors';
import { hasScope, type Actor } from '@weft/identity';
import type { RequestContext } from '@weft/subgraph';
import DataLoader from 'dataloader';
import type { JobNews } from '../application/follow-job.js';
import type { AttemptView, JobInputView, JobReader } from '../application/job-reader.js';
import type { Job, JobItem } from '../domain/job.js';

export type FollowJob = (actor: Actor, jobId: string, after: number) => Promise<AsyncIterableIterator<JobNews>>;

/** One request's loaders: many fields of many jobs, one query each. */
export interface JobsContext extends RequestContext {
  readonly jobs: DataLoader<string, Job | undefined>;
  readonly soleItems: DataLoader<string, JobItem | undefined>;
  readonly inputs: DataLoader<string, JobInputView | undefined>;
  readonly attempts: DataLoader<string, AttemptView[]>;
  readonly retries: DataLoader<string, Job[]>;
  readonly itemsById: DataLoader<string, JobItem | undefined>;
  readonly attemptsById: DataLoader<string, AttemptView | undefined>;
  readonly follow: FollowJob;
}

export function createJobsContext(reader: JobReader, follow: FollowJob, base: RequestContext): JobsContext {
  const { actor } = base;
  const keyed = (ids: readonly string[]): { jobId: string; number: number }[] =>
    ids.map((id) => ({ jobId: id.slice(0, id.lastIndexOf(':')), number: Number(id.slice(id.lastIndexOf(':') + 1)) || 0 }));
  return {
    ...base,
    follow,
    jobs: new DataLoader((ids) => reader.jobsByIds(actor, ids)),
    soleItems: new DataLoader((ids) => reader.soleItems(ids)),
    inputs: new DataLoader((ids) => reader.inputs(ids)),
    attempts: new DataLoader((ids) => reader.attempts(ids)),
    retries: new DataLoader((ids) => reader.retries(ids)),
    itemsById: new DataLoader((ids) => reader.itemsByKeys(actor, keyed(ids).map(({ jobId, number }) => ({ jobId, index: number })))),
    attemptsById: new DataLoader((ids) => reader.attemptsByKeys(actor, keyed(ids))),
  };
}

export const requireRead = (actor: Actor): void => {
  if (!hasScope(actor, 'read')) throw new AppError('FORBIDDEN', 'The token lacks the scope "read".', { scope: 'read' });
};
