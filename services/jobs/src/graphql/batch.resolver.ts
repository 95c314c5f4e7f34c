import { encodeCursor, pageRequest } from '@weft/database';
import { connectionOf, type ConnectionOf } from '@weft/subgraph';
import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { Actor } from '@weft/identity';
import type { BatchFilter, BatchReader } from '../application/batch-ports.js';
import type { Batch } from '../domain/batch.js';
import type { JobReader } from '../application/job-reader.js';
import { BatchConnectionType, BatchType, presentBatch } from './batch.type.js';
import { filterOf, JobFilterInput } from './job-filter.input.js';
import { pageOfJobs } from './job-queries.resolver.js';
import { JobConnectionType, JobType } from './job.type.js';
import { requireRead, type JobsContext } from './jobs-context.js';
import { AFTER, FIRST } from './paging.js';

export async function loadBatch(context: JobsContext, id: string): Promise<BatchType | null> {
  const found = await context.batches.load(id);
  return found?.onFailure === null ? presentBatch(found) : null;
}

/** Batches or workflows, the latest first. */
export async function pageOfGroups<T extends object>(
  reader: BatchReader,
  actor: Actor,
  filter: BatchFilter,
  first: number | null | undefined,
  after: string | null | undefined,
  present: (group: Batch) => T,
): Promise<ConnectionOf<T>> {
  const page = pageRequest(first, after, ['time', 'uuid']);
  return connectionOf(
    await reader.list(actor, filter, page),
    (group) => encodeCursor([group.submittedAt.toISOString(), group.id]),
    present,
    page.after !== undefined,
  );
}

@Resolver()
export class BatchQueriesResolver {
  constructor(private readonly reader: BatchReader) {}

  @Query(() => BatchType, {
    nullable: true,
    description: 'One batch; null when there is none that you may see.',
  })
  batch(
    @Arg('id', () => ID, { description: 'Id of the batch.' }) id: string,
    @Ctx() context: JobsContext,
  ): Promise<BatchType | null> {
    requireRead(context.actor);
    return loadBatch(context, id);
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
    @Arg('registrations', () => Boolean, {
      nullable: true,
      description:
        'True: only those that the registry started for itself, of jobs of kind REGISTRATION. False or left out: only the others.',
    })
    registrations?: boolean | null,
  ): Promise<ConnectionOf<BatchType>> {
    requireRead(actor);
    const filter = {
      workflows: false,
      hidden: registrations === true,
      organizationId: organizationId ?? undefined,
      name: name ?? undefined,
    };
    return pageOfGroups(this.reader, actor, filter, first, after, presentBatch);
  }
}

/** What a batch leads to. */
@Resolver(() => BatchType)
export class BatchFieldResolver {
  constructor(private readonly jobReader: JobReader) {}

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
  async batch(@Root() { source }: JobType, @Ctx() context: JobsContext): Promise<BatchType | null> {
    return source.batchId === null || source.needsMet !== null ? null : loadBatch(context, source.batchId);
  }
}
