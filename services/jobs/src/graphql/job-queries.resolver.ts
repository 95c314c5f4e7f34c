import type { JobState } from '@weft/contracts';
import { encodeCursor, pageRequest } from '@weft/database';
import type { Actor } from '@weft/identity';
import { connectionOf, type ConnectionOf } from '@weft/subgraph';
import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import { placeOf, type JobFilter, type JobOrder, type JobPlace } from '../application/job-list.js';
import type { JobReader } from '../application/job-reader.js';
import type { Job } from '../domain/job.js';
import { JobStateEnum } from './job-enums.js';
import { filterOf, JobFilterInput, JobOrderEnum } from './job-filter.input.js';
import { JobConnectionType, JobType } from './job.type.js';
import { requireRead, type JobsContext } from './jobs-context.js';
import { presentJob } from './present-job.js';
import { OrganizationRef, ServiceRef, ServiceVersionRef, TargetRef } from './references.js';
import { AFTER, FIRST } from './paging.js';

export async function pageOfJobs(
  reader: JobReader,
  actor: Actor,
  filter: JobFilter,
  first: number | null | undefined,
  after: string | null | undefined,
  order: JobOrder = 'NEWEST',
): Promise<ConnectionOf<JobType>> {
  requireRead(actor);
  const page = pageRequest(first, after, ['time', 'uuid']);
  const found = await reader.jobs(actor, filter, page, order);
  const cursor = ([at, id]: JobPlace): string => encodeCursor([at.toISOString(), id]);
  const connection = connectionOf(
    found,
    (job: Job) => cursor(placeOf(order, job)),
    presentJob,
    page.after !== undefined,
  );
  const endCursor = found.end === undefined ? null : cursor(found.end);
  return { ...connection, pageInfo: { ...connection.pageInfo, endCursor } };
}

const given = <T>(value: T | null | undefined): T | undefined => value ?? undefined;

@Resolver()
export class JobQueriesResolver {
  constructor(private readonly reader: JobReader) {}

  @Query(() => JobType, { nullable: true, description: 'One job; null when there is none that you may see.' })
  async job(
    @Arg('id', () => ID, { description: 'Id of the job.' }) id: string,
    @Ctx() context: JobsContext,
  ): Promise<JobType | null> {
    requireRead(context.actor);
    const job = await context.jobs.load(id);
    return job === undefined ? null : presentJob(job);
  }

  @Query(() => JobConnectionType, {
    description: 'Jobs of your organizations, the latest first unless ordered otherwise.',
  })
  jobs(
    @Ctx() context: JobsContext,
    @Arg('filter', () => JobFilterInput, { nullable: true, description: 'Which ones; all when left out.' })
    filter?: JobFilterInput | null,
    @Arg('orderBy', () => JobOrderEnum, { nullable: true, description: 'NEWEST when left out.' })
    orderBy?: JobOrder | null,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
  ): Promise<ConnectionOf<JobType>> {
    return pageOfJobs(this.reader, context.actor, filterOf(filter), first, after, orderBy ?? 'NEWEST');
  }
}

@Resolver(() => TargetRef)
export class TargetJobsResolver {
  constructor(private readonly reader: JobReader) {}

  @FieldResolver(() => JobConnectionType, { description: 'Your jobs on this target, the latest first.' })
  jobs(
    @Root() target: TargetRef,
    @Ctx() context: JobsContext,
    @Arg('states', () => [JobStateEnum], {
      nullable: true,
      description: 'In one of these states; all when left out.',
    })
    states?: JobState[] | null,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
  ): Promise<ConnectionOf<JobType>> {
    return pageOfJobs(
      this.reader,
      context.actor,
      { targetId: target.id, states: given(states) },
      first,
      after,
    );
  }
}

@Resolver(() => ServiceRef)
export class ServiceJobsResolver {
  constructor(private readonly reader: JobReader) {}

  @FieldResolver(() => JobConnectionType, {
    description: 'Your jobs of any version of this service, the latest first.',
  })
  jobs(
    @Root() service: ServiceRef,
    @Ctx() context: JobsContext,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
  ): Promise<ConnectionOf<JobType>> {
    return pageOfJobs(this.reader, context.actor, { serviceId: service.id }, first, after);
  }
}

@Resolver(() => ServiceVersionRef)
export class ServiceVersionJobsResolver {
  constructor(private readonly reader: JobReader) {}

  @FieldResolver(() => JobConnectionType, { description: 'Your jobs of this version, the latest first.' })
  jobs(
    @Root() version: ServiceVersionRef,
    @Ctx() context: JobsContext,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
  ): Promise<ConnectionOf<JobType>> {
    return pageOfJobs(this.reader, context.actor, { serviceVersionId: version.id }, first, after);
  }
}

@Resolver(() => OrganizationRef)
export class OrganizationJobsResolver {
  constructor(private readonly reader: JobReader) {}

  @FieldResolver(() => JobConnectionType, {
    description: 'Jobs that the organization owns, the latest first; empty when you are not a member.',
  })
  jobs(
    @Root() organization: OrganizationRef,
    @Ctx() context: JobsContext,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
  ): Promise<ConnectionOf<JobType>> {
    return pageOfJobs(this.reader, context.actor, { organizationId: organization.id }, first, after);
  }
}
