import { Args, Ctx, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql';
import type { Activity } from '../domain/node.js';
import { hopsConnection, PageArgs, RelatedItemConnectionType } from './connection.type.js';
import { JobType } from './foreign.type.js';
import { ActivityType } from './node.type.js';
import type { RegistryContext } from './registry-context.js';

@ObjectType('JobProvenance', { description: 'Where the results of a job came from.' })
export class JobProvenanceType {
  @Field(() => ActivityType, { description: 'The job as an activity, with its agents.' })
  activity!: Activity;
}

@Resolver(() => JobType)
export class JobResolver {
  @FieldResolver(() => JobProvenanceType, {
    nullable: true,
    description:
      'Where its results came from; null until the job has ended and this is recorded, a moment later.',
  })
  async provenance(
    @Root() job: JobType,
    @Ctx() { provenance }: RegistryContext,
  ): Promise<JobProvenanceType | null> {
    const activity = await provenance.activityOfJob(job.id);
    return activity === null ? null : { activity };
  }
}

@Resolver(() => JobProvenanceType)
export class JobProvenanceResolver {
  @FieldResolver(() => RelatedItemConnectionType, {
    description: 'What the job used, each with its role: data, params, code, artifact.',
  })
  async inputs(
    @Root() { activity }: JobProvenanceType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return hopsConnection(await provenance.hops(activity, 'UPSTREAM', 'USED', page));
  }

  @FieldResolver(() => RelatedItemConnectionType, {
    description: 'What the job made; none unless an item of it succeeded.',
  })
  async results(
    @Root() { activity }: JobProvenanceType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return hopsConnection(await provenance.hops(activity, 'DOWNSTREAM', 'WAS_GENERATED_BY', page));
  }
}
