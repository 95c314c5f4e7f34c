import { encodeCursor, pageRequest } from '@weft/database';
import { connectionOf, type ConnectionOf } from '@weft/subgraph';
import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { BatchReader } from '../application/batch-ports.js';
import type { JobReader } from '../application/job-reader.js';
import { BatchConnectionType, BatchType, presentBatch } from './batch.type.js';
import { filterOf, JobFilterInput } from './job-filter.input.js';
import { pageOfJobs } from './job-queries.resolver.js';
import { JobConnectionType, JobType } from './job.type.js';
import { requireRead, type JobsContext } from './jobs-context.js';
import { OrganizationRef, UserRef } from './references.js';

const FIRST = 'How many, 1 to 100; 20 when left out.';
const AFTER = 'Cursor of the last row already seen.';

@Resolver()
export class BatchQueriesResolver {
  constructor(private readonly reader: BatchReader) {}

  @Query(() => BatchType, {
    nullable: true,
    description: 'One batch; null when there is none that you may see.',
  })
  async batch(
    @Arg('id', () => ID, { description: 'Id of the batch.' }) id: string,
    @Ctx() context: JobsContext,
  ): Promise<BatchType | null> {
    requireRead(context.actor);
    const batch = await context.batches.load(id);
    return batch === undefined ? null : presentBatch(batch);
  }

  @Query(() => BatchConnectionType, { description: 'Batches of your organizations, the latest first.' })
  async batches(
    @Ctx() { actor }: JobsContext,
    @Arg('organizationId', () => ID, {
      nullable: true,
      description: 'Owned by this organization; all of yours when left out.',
    })
    organizationId?: string | null,
    @Arg('name', () => String, { nullable: true, description: 'Of exactly this name.' }) name?: string | null,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
  ): Promise<ConnectionOf<BatchType>> {
    requireRead(actor);
    const page = pageRequest(first, after, ['time', 'uuid']);
    const filter = { organizationId: organizationId ?? undefined, name: name ?? undefined };
    return connectionOf(
      await this.reader.list(actor, filter, page),
      (batch) => encodeCursor([batch.submittedAt.toISOString(), batch.id]),
      presentBatch,
      page.after !== undefined,
    );
  }
}

/** What a batch leads to. */
@Resolver(() => BatchType)
export class BatchFieldResolver {
  constructor(private readonly jobReader: JobReader) {}

  @FieldResolver(() => OrganizationRef, { nullable: true, description: 'The organization that owns it.' })
  owner(@Root() batch: BatchType): OrganizationRef {
    return { id: batch.source.organizationId };
  }

  @FieldResolver(() => UserRef, { nullable: true, description: 'Who submitted it.' })
  createdBy(@Root() batch: BatchType): UserRef {
    return { id: batch.source.createdBy };
  }

  @FieldResolver(() => JobConnectionType, {
    description: 'Its jobs, the latest first, with those that retries have taken the place of.',
  })
  jobs(
    @Root() batch: BatchType,
    @Ctx() { actor }: JobsContext,
    @Arg('filter', () => JobFilterInput, { nullable: true, description: 'Which ones; all when left out.' })
    filter?: JobFilterInput | null,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
  ): Promise<ConnectionOf<JobType>> {
    return pageOfJobs(this.jobReader, actor, { ...filterOf(filter), batchId: batch.id }, first, after);
  }
}

@Resolver(() => JobType)
export class JobBatchResolver {
  @FieldResolver(() => BatchType, {
    nullable: true,
    description: 'The batch that it was submitted with; null for a job of its own.',
  })
  async batch(@Root() job: JobType, @Ctx() context: JobsContext): Promise<BatchType | null> {
    if (job.source.batchId === null) return null;
    const batch = await context.batches.load(job.source.batchId);
    return batch === undefined ? null : presentBatch(batch);
  }
}
