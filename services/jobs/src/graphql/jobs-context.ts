import { AppError } from '@weft/errors';
import { hasScope, type Actor } from '@weft/identity';
import type { RequestContext } from '@weft/subgraph';
import DataLoader from 'dataloader';
import type { BatchReader } from '../application/batch-ports.js';
import type { JobNews } from '../application/follow-job.js';
import type { JobListNews } from '../application/follow-jobs.js';
import type { JobFilter } from '../application/job-list.js';
import type { StoredReaders } from '../application/definition-reader.js';
import type { QueuePlace, QueueReader } from '../application/queue-ports.js';
import type { AttemptView, JobDetails, JobInputView, JobReader } from '../application/job-reader.js';
import type { WorkflowReader, WorkflowStepView } from '../application/workflow-ports.js';
import type { Grouping } from '../application/cancel-batch.js';
import type { WebhookReader, WebhookView } from '../application/webhook-ports.js';
import type { Batch } from '../domain/batch.js';
import type { Job, JobItem } from '../domain/job.js';
import { createStoredLoaders, type StoredLoaders } from './stored-loaders.js';

export type FollowJob = (
  actor: Actor,
  jobId: string,
  after: number,
) => Promise<AsyncIterableIterator<JobNews>>;

export type FollowBatch = (
  actor: Actor,
  batchId: string,
  after: number,
  grouping: Grouping,
) => Promise<AsyncIterableIterator<Batch>>;

export type FollowJobList = (
  actor: Actor,
  filter: JobFilter,
  after: string | undefined,
) => AsyncIterableIterator<JobListNews>;

export interface LiveParts {
  readonly follow: FollowJob;
  readonly followJobs: FollowJobList;
}

export interface BatchParts {
  readonly reader: BatchReader;
  readonly workflows: WorkflowReader;
  readonly follow: FollowBatch;
}

/** One request's loaders: many fields of many jobs, one query each. */
export interface JobsContext extends RequestContext, StoredLoaders {
  readonly jobs: DataLoader<string, Job | undefined>;
  readonly soleItems: DataLoader<string, JobItem | undefined>;
  readonly jobDetails: DataLoader<string, JobDetails | undefined>;
  readonly inputs: DataLoader<string, JobInputView | undefined>;
  readonly attempts: DataLoader<string, AttemptView[]>;
  /** By `<job id>:<index>`, of items that the actor was already given. */
  readonly attemptsOfItems: DataLoader<string, AttemptView[]>;
  readonly paramsOfItems: DataLoader<string, unknown>;
  readonly retries: DataLoader<string, Job[]>;
  readonly itemsById: DataLoader<string, JobItem | undefined>;
  readonly attemptsById: DataLoader<string, AttemptView | undefined>;
  readonly queuePlaces: DataLoader<string, QueuePlace | undefined>;
  readonly webhooks: DataLoader<string, WebhookView | undefined>;
  readonly follow: FollowJob;
  readonly followJobs: FollowJobList;
  readonly batches: DataLoader<string, Batch | undefined>;
  readonly workflowSteps: DataLoader<string, WorkflowStepView[]>;
  readonly followBatch: FollowBatch;
}

export interface Readers {
  readonly reader: JobReader;
  readonly stored: StoredReaders;
  readonly live: LiveParts;
  readonly queueReader: QueueReader;
  readonly webhookReader: WebhookReader;
  readonly batches: BatchParts;
}

export function createJobsContext(
  { reader, stored, live, queueReader, webhookReader, batches }: Readers,
  base: RequestContext,
): JobsContext {
  const { actor } = base;
  // Batches, but remembers nothing: the context of a live field outlives many changes of what it loads.
  const loader = <Value>(load: (ids: readonly string[]) => Promise<Value[]>): DataLoader<string, Value> =>
    new DataLoader(load, { cache: false });
  const keyed = (ids: readonly string[]): { jobId: string; number: number }[] =>
    ids.map((id) => ({
      jobId: id.slice(0, id.lastIndexOf(':')),
      number: Number(id.slice(id.lastIndexOf(':') + 1)) || 0,
    }));
  const itemKeys = (ids: readonly string[]): { jobId: string; index: number }[] =>
    keyed(ids).map(({ jobId, number }) => ({ jobId, index: number }));
  return {
    ...base,
    ...createStoredLoaders(stored, actor),
    follow: live.follow,
    followJobs: live.followJobs,
    batches: loader((ids) => batches.reader.byIds(actor, ids)),
    workflowSteps: loader((ids) => batches.workflows.steps(ids)),
    followBatch: batches.follow,
    jobs: loader((ids) => reader.jobsByIds(actor, ids)),
    soleItems: loader((ids) => reader.soleItems(ids)),
    jobDetails: loader((ids) => reader.details(ids)),
    inputs: loader((ids) => reader.inputs(ids)),
    attempts: loader((ids) => reader.attempts(ids)),
    attemptsOfItems: loader((ids) => reader.attemptsOfItems(itemKeys(ids))),
    paramsOfItems: loader((ids) => reader.paramsOfItems(itemKeys(ids))),
    retries: loader((ids) => reader.retries(ids)),
    queuePlaces: loader((ids) => queueReader.places(ids)),
    webhooks: loader((ids) => webhookReader.webhooks(ids)),
    itemsById: loader((ids) => reader.itemsByKeys(actor, itemKeys(ids))),
    attemptsById: loader((ids) => reader.attemptsByKeys(actor, keyed(ids))),
  };
}

export const requireRead = (actor: Actor): void => {
  if (!hasScope(actor, 'read'))
    throw new AppError('FORBIDDEN', 'The token lacks the scope "read".', { scope: 'read' });
};
