import type { JobState } from '@weft/contracts';
import { encodeCursor, pageRequest } from '@weft/database';
import type { Actor } from '@weft/identity';
import { connectionOf, type ConnectionOf } from '@weft/subgraph';
import { Arg, Ctx, Field, FieldResolver, ID, InputType, Int, Query, Resolver, Root } from 'type-graphql';
import type { JobFilter, JobReader } from '../application/job-reader.js';
import type { Job } from '../domain/job.js';
import { JobStateEnum } from './job-enums.js';
import { JobConnectionType, JobType } from './job.type.js';
import { requireRead, type JobsContext } from './jobs-context.js';
import { presentJob } from './present-job.js';
import { OrganizationRef, ServiceRef, ServiceVersionRef, TargetRef } from './references.js';

const FIRST = 'How many, 1 to 100; 20 when left out.';
const AFTER = 'Cursor of the last row already seen.';

@InputType('JobFilter', { description: 'Which jobs; every given condition must hold.' })
export class JobFilterInput {
  @Field(() => ID, { nullable: true, description: 'Owned by this organization; all of yours when left out.' })
  organizationId?: string | null;
  @Field(() => [JobStateEnum], { nullable: true, description: 'In one of these states.' })
  states?: JobState[] | null;
  @Field(() => ID, { nullable: true, description: 'On this target.' })
  targetId?: string | null;
  @Field(() => ID, { nullable: true, description: 'Of any version of this service.' })
  serviceId?: string | null;
  @Field(() => ID, { nullable: true, description: 'Of this version of a service.' })
  serviceVersionId?: string | null;
  @Field(() => ID, { nullable: true, description: 'Started from this job definition.' })
  definitionId?: string | null;
  @Field(() => ID, { nullable: true, description: 'Submitted with this batch, or a retry of such a job.' })
  batchId?: string | null;
  @Field(() => Date, { nullable: true, description: 'Submitted at this time or later.' })
  submittedAfter?: Date | null;
  @Field(() => Date, { nullable: true, description: 'Submitted before this time.' })
  submittedBefore?: Date | null;
}

export async function pageOfJobs(
  reader: JobReader,
  actor: Actor,
  filter: JobFilter,
  first: number | null | undefined,
  after: string | null | undefined,
): Promise<ConnectionOf<JobType>> {
  requireRead(actor);
  const page = pageRequest(first, after, ['time', 'uuid']);
  const rows = await reader.jobs(actor, filter, page);
  return connectionOf(
    rows,
    (job: Job) => encodeCursor([job.submittedAt.toISOString(), job.id]),
    presentJob,
    page.after !== undefined,
  );
}

const given = <T>(value: T | null | undefined): T | undefined => value ?? undefined;

export const filterOf = (filter: JobFilterInput | null | undefined): JobFilter => ({
  organizationId: given(filter?.organizationId),
  states: given(filter?.states),
  targetId: given(filter?.targetId),
  serviceId: given(filter?.serviceId),
  serviceVersionId: given(filter?.serviceVersionId),
  definitionId: given(filter?.definitionId),
  batchId: given(filter?.batchId),
  submittedAfter: given(filter?.submittedAfter),
  submittedBefore: given(filter?.submittedBefore),
});

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

  @Query(() => JobConnectionType, { description: 'Jobs of your organizations, the latest first.' })
  jobs(
    @Ctx() context: JobsContext,
    @Arg('filter', () => JobFilterInput, { nullable: true, description: 'Which ones; all when left out.' })
    filter?: JobFilterInput | null,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
  ): Promise<ConnectionOf<JobType>> {
    return pageOfJobs(this.reader, context.actor, filterOf(filter), first, after);
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
