import type { JobState } from '@weft/contracts';
import { encodeCursor, pageRequest } from '@weft/database';
import { connectionOf, type ConnectionOf } from '@weft/subgraph';
import { GraphQLJSON } from 'graphql-scalars';
import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { JobReader } from '../application/job-reader.js';
import { JobCommandType, presentCommand } from './command.type.js';
import {
  AttemptType,
  JobErrorType,
  JobItemConnectionType,
  JobItemType,
  JobTransitionConnectionType,
  type JobTransitionType,
  JobType,
} from './job.type.js';
import { JobStateEnum } from './job-enums.js';
import type { JobsContext } from './jobs-context.js';
import { presentAttempt, presentItem, presentJob, presentTransition } from './present-job.js';
import {
  ArtifactRef,
  OrganizationRef,
  ref,
  ServiceRef,
  ServiceVersionRef,
  TargetRef,
  UserRef,
} from './references.js';
import { AFTER, FIRST } from './paging.js';

/** What a job leads to. Its results are shown for plain jobs; a job of several items shows them on its items. */
@Resolver(() => JobType)
export class JobFieldResolver {
  constructor(private readonly reader: JobReader) {}

  @FieldResolver(() => OrganizationRef, { nullable: true, description: 'The organization that owns it.' })
  owner(@Root() job: JobType): OrganizationRef {
    return { id: job.source.organizationId };
  }

  @FieldResolver(() => UserRef, { nullable: true, description: 'Who submitted it.' })
  createdBy(@Root() job: JobType): UserRef {
    return { id: job.source.createdBy };
  }

  @FieldResolver(() => ServiceRef, { nullable: true, description: 'The service that it runs.' })
  service(@Root() job: JobType): ServiceRef | null {
    return ref(job.source.serviceId);
  }

  @FieldResolver(() => ServiceVersionRef, {
    nullable: true,
    description: 'The version of the service that it runs.',
  })
  serviceVersion(@Root() job: JobType): ServiceVersionRef | null {
    return ref(job.source.serviceVersionId);
  }

  @FieldResolver(() => JobCommandType, {
    nullable: true,
    description: 'The command that it runs; null for a job of another kind.',
  })
  async command(@Root() job: JobType, @Ctx() context: JobsContext): Promise<JobCommandType | null> {
    return job.kind === 'COMMAND' ? presentCommand(await context.inputs.load(job.id)) : null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The size that it asked for, one of `Target.sizes`; null: the limits of the target.',
  })
  async size(@Root() job: JobType, @Ctx() context: JobsContext): Promise<string | null> {
    return (await context.inputs.load(job.id))?.size ?? null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The image that it asked for, one of `Target.images`; null: the first of the target.',
  })
  async image(@Root() job: JobType, @Ctx() context: JobsContext): Promise<string | null> {
    return (await context.inputs.load(job.id))?.image ?? null;
  }

  @FieldResolver(() => TargetRef, {
    nullable: true,
    description: 'What it runs on; null for a job of kind REGISTRATION, which the registry runs itself.',
  })
  target(@Root() job: JobType): TargetRef | null {
    return job.kind === 'REGISTRATION' ? null : { id: job.source.targetId };
  }

  @FieldResolver(() => GraphQLJSON, {
    nullable: true,
    description: 'Data by value, up to 1 MB of JSON; larger ones are `dataArtifact`.',
  })
  async data(@Root() job: JobType, @Ctx() context: JobsContext): Promise<unknown> {
    return (await context.inputs.load(job.id))?.data ?? null;
  }

  @FieldResolver(() => ArtifactRef, { nullable: true, description: 'Data by reference.' })
  async dataArtifact(@Root() job: JobType, @Ctx() context: JobsContext): Promise<ArtifactRef | null> {
    return ref((await context.inputs.load(job.id))?.dataArtifactId);
  }

  @FieldResolver(() => GraphQLJSON, {
    nullable: true,
    description: 'Params, up to 1 MB of JSON; items may lay their own over them.',
  })
  async params(@Root() job: JobType, @Ctx() context: JobsContext): Promise<unknown> {
    return (await context.inputs.load(job.id))?.params ?? null;
  }

  @FieldResolver(() => GraphQLJSON, {
    nullable: true,
    description:
      'Result of a plain job by value; null while there is none, for larger results and for jobs of several items.',
  })
  async result(@Root() job: JobType, @Ctx() context: JobsContext): Promise<unknown> {
    const item = await this.soleItem(job, context);
    return item === null || item.result === null ? null : JSON.parse(item.result);
  }

  @FieldResolver(() => ArtifactRef, {
    nullable: true,
    description:
      'Result of a plain job as a file, when it is larger than 128 KB or a data pool is to keep it.',
  })
  async resultArtifact(@Root() job: JobType, @Ctx() context: JobsContext): Promise<ArtifactRef | null> {
    return ref((await this.soleItem(job, context))?.resultArtifactId);
  }

  @FieldResolver(() => JobErrorType, {
    nullable: true,
    description: 'Why a plain job failed; jobs of several items say it on their items.',
  })
  async error(@Root() job: JobType, @Ctx() context: JobsContext): Promise<JobErrorType | null> {
    return (await this.soleItem(job, context))?.error ?? null;
  }

  @FieldResolver(() => JobItemConnectionType, {
    description:
      'Its items, by index; of some states only, where these are given. They are read a moment after the job: one may have gone on meanwhile.',
  })
  async items(
    @Root() job: JobType,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
    @Arg('states', () => [JobStateEnum], {
      nullable: true,
      description: 'In any of these; all when left out.',
    })
    states?: JobState[] | null,
  ): Promise<ConnectionOf<JobItemType>> {
    const page = pageRequest(first, after, ['integer']);
    const rows = await this.reader.items(
      job.id,
      Number(page.after?.[0] ?? -1),
      page.first,
      states ?? undefined,
    );
    return connectionOf(rows, (row) => encodeCursor([row.index]), presentItem, page.after !== undefined);
  }

  @FieldResolver(() => [AttemptType], {
    description:
      'Its last 100 attempts, the latest first. They are read a moment after the job and beside its items.',
  })
  async attempts(@Root() job: JobType, @Ctx() context: JobsContext): Promise<AttemptType[]> {
    return (await context.attempts.load(job.id)).map(presentAttempt);
  }

  @FieldResolver(() => JobTransitionConnectionType, { description: 'Its history, the oldest first.' })
  async timeline(
    @Root() job: JobType,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
  ): Promise<ConnectionOf<JobTransitionType>> {
    const page = pageRequest(first, after, ['integer']);
    const rows = await this.reader.timeline(job.id, Number(page.after?.[0] ?? 0), page.first);
    return connectionOf(rows, (row) => encodeCursor([row.seq]), presentTransition, page.after !== undefined);
  }

  @FieldResolver(() => JobType, { nullable: true, description: 'The final job of which this is a retry.' })
  async retryOf(@Root() job: JobType, @Ctx() context: JobsContext): Promise<JobType | null> {
    if (job.source.retryOf === null) return null;
    const found = await context.jobs.load(job.source.retryOf);
    return found === undefined ? null : presentJob(found);
  }

  @FieldResolver(() => JobType, {
    nullable: true,
    description: 'The job that this one runs again (`rerunJob`); null also when that was deleted.',
  })
  async rerunOf(@Root() job: JobType, @Ctx() context: JobsContext): Promise<JobType | null> {
    if (job.source.rerunOf === null) return null;
    const found = await context.jobs.load(job.source.rerunOf);
    return found === undefined ? null : presentJob(found);
  }

  @FieldResolver(() => [JobType], { description: 'Retries of this job, the oldest first; at most 100.' })
  async retries(@Root() job: JobType, @Ctx() context: JobsContext): Promise<JobType[]> {
    return (await context.retries.load(job.id)).map(presentJob);
  }

  private async soleItem(job: JobType, context: JobsContext) {
    return job.source.itemsTotal === 1 ? ((await context.soleItems.load(job.id)) ?? null) : null;
  }
}

@Resolver(() => JobItemType)
export class JobItemFieldResolver {
  @FieldResolver(() => ArtifactRef, {
    nullable: true,
    description: 'Result as a file, when it is larger than 128 KB or a data pool is to keep it.',
  })
  resultArtifact(@Root() item: JobItemType): ArtifactRef | null {
    return ref(item.resultArtifactId);
  }

  @FieldResolver(() => GraphQLJSON, {
    nullable: true,
    description: 'Its own params, laid over those of the job; null when it brought none.',
  })
  params(@Root() item: JobItemType, @Ctx() context: JobsContext): Promise<unknown> {
    return context.paramsOfItems.load(item.id);
  }

  @FieldResolver(() => [AttemptType], {
    description:
      'The last 20 attempts that had it in their slice, the latest first; none that began after the item was read. They are read a moment later: one may have ended meanwhile.',
  })
  async attempts(@Root() item: JobItemType, @Ctx() context: JobsContext): Promise<AttemptType[]> {
    const attempts = await context.attemptsOfItems.load(item.id);
    return attempts.filter(({ number }) => number <= (item.attempt ?? 0)).map(presentAttempt);
  }
}
