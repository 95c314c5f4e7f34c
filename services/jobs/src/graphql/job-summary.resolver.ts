// Counts and durations over many jobs, and the durations and progress of one.
import { Arg, Ctx, Field, FieldResolver, Float, Int, ObjectType, Query, Resolver, Root } from 'type-graphql';
import type { JobGrouping } from '../application/job-list.js';
import type { JobReader } from '../application/job-reader.js';
import { queueSecondsOf, runSecondsOf } from '../domain/job.js';
import { filterOf, JobFilterInput, JobGroupingEnum } from './job-filter.input.js';
import { JobType } from './job.type.js';
import { requireRead, type JobsContext } from './jobs-context.js';

const COMPLETE =
  'False when more than 100 000 jobs lie in the range of the filter: then it is of the latest of them; narrow it by `submittedAfter`.';

@ObjectType('JobCount', { description: 'How many jobs have one key.' })
export class JobCountType {
  @Field(() => String, { description: 'The key: a state, a phase, a kind, an id or a day.' })
  key!: string;
  @Field(() => Int, { description: 'How many.' })
  count!: number;
}

@ObjectType('JobCounts', { description: 'Jobs counted by a key.' })
export class JobCountsType {
  @Field(() => [JobCountType], {
    description:
      'Up to 400 groups, the largest first; days with the latest first. Empty groups are left out.',
  })
  groups!: readonly JobCountType[];
  @Field(() => Int, { description: 'All jobs that were counted.' })
  counted!: number;
  @Field(() => Boolean, { description: COMPLETE })
  complete!: boolean;
}

@ObjectType('DurationSummary', { description: 'How long something took over many jobs, in seconds.' })
export class DurationSummaryType {
  @Field(() => Int, { description: 'How many jobs it is of.' })
  jobs!: number;
  @Field(() => Float, { description: 'Half of them took no longer.' })
  p50Seconds!: number;
  @Field(() => Float, { description: '95 % of them took no longer.' })
  p95Seconds!: number;
  @Field(() => Float, { description: 'The longest.' })
  maxSeconds!: number;
}

@ObjectType('JobDurations', { description: 'Queue and run times over many jobs.' })
export class JobDurationsType {
  @Field(() => DurationSummaryType, {
    nullable: true,
    description: 'From submission to the first start; null when none has started.',
  })
  queue!: DurationSummaryType | null;
  @Field(() => DurationSummaryType, {
    nullable: true,
    description: 'From the first start to the end; null when none has ended.',
  })
  run!: DurationSummaryType | null;
  @Field(() => Boolean, { description: COMPLETE })
  complete!: boolean;
}

@Resolver()
export class JobSummaryResolver {
  constructor(private readonly reader: JobReader) {}

  @Query(() => JobCountsType, { description: 'Counts jobs of your organizations.' })
  jobCounts(
    @Ctx() { actor }: JobsContext,
    @Arg('groupBy', () => JobGroupingEnum, { description: 'By what.' }) groupBy: JobGrouping,
    @Arg('filter', () => JobFilterInput, { nullable: true, description: 'Which ones; all when left out.' })
    filter?: JobFilterInput | null,
  ): Promise<JobCountsType> {
    requireRead(actor);
    return this.reader.counts(actor, filterOf(filter), groupBy);
  }

  @Query(() => JobDurationsType, { description: 'How long jobs of your organizations waited and ran.' })
  async jobDurations(
    @Ctx() { actor }: JobsContext,
    @Arg('filter', () => JobFilterInput, { nullable: true, description: 'Which ones; all when left out.' })
    filter?: JobFilterInput | null,
  ): Promise<JobDurationsType> {
    requireRead(actor);
    const { queue, run, complete } = await this.reader.durations(actor, filterOf(filter));
    return { queue: queue ?? null, run: run ?? null, complete };
  }
}

@Resolver(() => JobType)
export class JobMeasuresResolver {
  @FieldResolver(() => Float, {
    nullable: true,
    description: 'Seconds from submission to the first start; null while it has not started.',
  })
  queueSeconds(@Root() job: JobType): number | null {
    return queueSecondsOf(job);
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description: 'Seconds from the first start to the end; null while it has not ended.',
  })
  runSeconds(@Root() job: JobType): number | null {
    return runSecondsOf(job);
  }

  @FieldResolver(() => Float, {
    description: 'From 0 to 1: the mean over its items of what has ended or what its attempts say of them.',
  })
  async progress(@Root() job: JobType, @Ctx() context: JobsContext): Promise<number> {
    const { total, succeeded, failed, cancelled } = job.itemCounts;
    const ended = succeeded + failed + cancelled;
    if (ended === total) return 1;
    const underWay = (await context.jobDetails.load(job.id))?.underWay ?? 0;
    return Math.min(1, (ended + underWay) / total);
  }

  @FieldResolver(() => String, {
    description: 'What it is for, up to 2048 characters; empty when nobody wrote it.',
  })
  async description(@Root() job: JobType, @Ctx() context: JobsContext): Promise<string> {
    return (await context.jobDetails.load(job.id))?.description ?? '';
  }
}
