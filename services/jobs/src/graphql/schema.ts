import { buildFederatedSchema, type FederatedSchema, type ReferenceResolver } from '@weft/subgraph';
import type { StoredReaders } from '../application/definition-reader.js';
import type { BatchReader } from '../application/batch-ports.js';
import type { JobReader } from '../application/job-reader.js';
import type { Ports } from '../application/ports.js';
import type { QueueReader } from '../application/queue-ports.js';
import type { RecordReader } from '../application/record-ports.js';
import { workflowResolvers } from './workflow-resolvers.js';
import { loadWorkflow } from './workflow.resolver.js';
import type { WebhookReader } from '../application/webhook-ports.js';
import type { Checking } from '../application/checking.js';
import { BatchLiveResolver } from './batch-live.resolver.js';
import { BatchMutationsResolver } from './batch-mutations.resolver.js';
import { BatchFieldResolver, BatchQueriesResolver, JobBatchResolver, loadBatch } from './batch.resolver.js';
import { DefinitionPoolsResolver, JobPoolsResolver } from './data-pools.resolver.js';
import { presentDefinition } from './definition.type.js';
import { JobListLiveResolver } from './job-list-live.resolver.js';
import { JobLiveResolver } from './job-live.resolver.js';
import { JobMutationsResolver } from './job-mutations.resolver.js';
import {
  JobQueriesResolver,
  OrganizationJobsResolver,
  ServiceJobsResolver,
  ServiceVersionJobsResolver,
  TargetJobsResolver,
} from './job-queries.resolver.js';
import { JobFieldResolver, JobItemFieldResolver } from './job.resolver.js';
import type { JobsContext } from './jobs-context.js';
import { JobQueueResolver, OrganizationQueueResolver, QueueLimitsResolver } from './queue.resolver.js';
import { RerunJobResolver } from './rerun-job.resolver.js';
import { WebhookResolver } from './webhook.resolver.js';
import { awaitYoung } from '../await-young.js';
import type { Job } from '../domain/job.js';
import { readingResolvers } from './reading-resolvers.js';
import { presentAttempt, presentItem, presentJob } from './present-job.js';
import { presentSchedule } from './schedule.type.js';
import { storedResolvers } from './stored-resolvers.js';

export interface SchemaParts {
  readonly ports: Ports;
  readonly reader: JobReader;
  readonly webhookReader: WebhookReader;
  readonly records: RecordReader;
  readonly checking: Checking;
  readonly stored: StoredReaders;
  readonly batchReader: BatchReader;
  readonly queueReader: QueueReader;
  readonly defaultTargetId: string;
}

const idOf = (reference: Record<string, unknown>): string => String(reference['id']);

const presented =
  <T extends object, V>(
    load: (context: JobsContext, id: string) => Promise<T | undefined>,
    present: (found: T) => V,
  ): ReferenceResolver<JobsContext> =>
  async (reference, context) => {
    const found = await load(context, idOf(reference));
    return found === undefined ? null : present(found);
  };

/** What an answer that is under way may wait for. */
const MOMENT_MS = 1_000;

/** Who names a job of its own in the answer to the request that made it (the registry) may be quicker than the news of it. */
const youngToo = ({ jobs }: JobsContext, id: string): Promise<Job | undefined> =>
  awaitYoung(id, () => jobs.clear(id).load(id), MOMENT_MS);

const same: ReferenceResolver<JobsContext> = (reference) => ({ id: idOf(reference) });

export const buildSchemaOf = (parts: SchemaParts): Promise<FederatedSchema> =>
  buildFederatedSchema<JobsContext>({
    resolvers: [
      new JobQueriesResolver(parts.reader),
      new JobMutationsResolver(parts.ports, parts.checking, parts.defaultTargetId),
      new RerunJobResolver(parts.ports, parts.checking),
      new JobLiveResolver(),
      new JobListLiveResolver(),
      new JobFieldResolver(parts.reader),
      new JobItemFieldResolver(),
      new JobPoolsResolver(),
      new DefinitionPoolsResolver(),
      new TargetJobsResolver(parts.reader),
      new ServiceJobsResolver(parts.reader),
      new ServiceVersionJobsResolver(parts.reader),
      new OrganizationJobsResolver(parts.reader),
      ...storedResolvers(parts),
      ...readingResolvers(parts),
      new BatchQueriesResolver(parts.batchReader),
      new BatchMutationsResolver(parts.ports, parts.checking, parts.defaultTargetId),
      new BatchFieldResolver(parts.reader),
      new BatchLiveResolver(),
      new JobBatchResolver(),
      ...workflowResolvers(parts),
      new WebhookResolver(parts.ports, parts.webhookReader),
      new JobQueueResolver(),
      new OrganizationQueueResolver(parts.queueReader),
      new QueueLimitsResolver(parts.ports, parts.queueReader),
    ],
    references: {
      Job: presented(youngToo, presentJob),
      JobItem: presented((context, id) => context.itemsById.load(id), presentItem),
      JobDefinition: presented((context, id) => context.definitions.load(id), presentDefinition),
      Batch: (reference, context) => loadBatch(context, idOf(reference)),
      Workflow: (reference, context) => loadWorkflow(context, idOf(reference)),
      Schedule: presented((context, id) => context.schedules.load(id), presentSchedule),
      Attempt: presented((context, id) => context.attemptsById.load(id), presentAttempt),
      Target: same,
      Service: same,
      ServiceVersion: same,
      Organization: same,
    },
  });
