import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { ROLES } from '../domain/finished-job.js';
import type { Activity } from '../domain/node.js';
import {
  hopsConnection,
  PageArgs,
  RelatedAgentConnectionType,
  RelatedItemConnectionType,
} from './connection.type.js';
import { JobType, pointer } from './foreign.type.js';
import { ActivityType } from './node.type.js';
import type { RegistryContext } from './registry-context.js';
import { ActivityOutcomeEnum } from './vocabulary.js';

const IN_ENVIRONMENT = { only: [ROLES.environment, ROLES.failedEnvironment] };

@Resolver(() => ActivityType)
export class ActivityResolver {
  @Query(() => ActivityType, {
    nullable: true,
    description: 'An activity by its id; null when the caller may not see it.',
  })
  async activity(
    @Arg('id', () => ID, { description: 'Id of the activity.' }) id: string,
    @Ctx() { provenance }: RegistryContext,
  ) {
    const node = await provenance.node(id);
    return node?.kind === 'ACTIVITY' ? node : null;
  }

  @FieldResolver(() => JobType, { nullable: true, description: 'The job that it was.' })
  job(@Root() activity: Activity) {
    return pointer(activity.facts.jobId);
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description: 'When it began; null when it ended before it could begin.',
  })
  startedAt(@Root() activity: Activity) {
    return timeOf(activity.facts.startedAt);
  }

  @FieldResolver(() => Date, { nullable: true, description: 'When it ended.' })
  endedAt(@Root() activity: Activity) {
    return timeOf(activity.facts.endedAt);
  }

  @FieldResolver(() => ActivityOutcomeEnum, {
    nullable: true,
    description: 'How it ended; null while it is only mentioned by others.',
  })
  outcome(@Root() activity: Activity) {
    return activity.facts.outcome ?? null;
  }

  @FieldResolver(() => RelatedItemConnectionType, {
    description:
      'What it used, each with its role: data, params, code, artifact, definition; environment for what it ran in.',
  })
  async used(
    @Root() activity: Activity,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return hopsConnection(await provenance.hops(activity, 'UPSTREAM', 'USED', page));
  }

  @FieldResolver(() => RelatedItemConnectionType, {
    description: 'What it ran in, as its workers told: one for each sort of place; see `Item.environment`.',
  })
  async environments(
    @Root() activity: Activity,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return hopsConnection(await provenance.hops(activity, 'UPSTREAM', 'USED', page, IN_ENVIRONMENT));
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description:
      'When its job was deleted: what it did is still told, while inputs, results and logs may be gone. Null while the job is there.',
  })
  deletedAt(@Root() activity: Activity) {
    return timeOf(activity.facts.deletedAt);
  }

  @FieldResolver(() => RelatedItemConnectionType, { description: 'What it made.' })
  async generated(
    @Root() activity: Activity,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return hopsConnection(await provenance.hops(activity, 'DOWNSTREAM', 'WAS_GENERATED_BY', page));
  }

  @FieldResolver(() => RelatedAgentConnectionType, {
    description:
      'Who had a part in it, each in a role: who submitted it, the organization on whose behalf, the workers that ran it (`worker`; `failed worker` or `lost worker` for attempts of which nothing was accepted), and the target on which they did.',
  })
  async agents(
    @Root() activity: Activity,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return hopsConnection(await provenance.hops(activity, 'UPSTREAM', 'WAS_ASSOCIATED_WITH', page));
  }
}

/** Null also where it is outside of what a client can show: imported documents may tell of years with five digits. */
function timeOf(text: string | undefined): Date | null {
  const time = new Date(text ?? '');
  return Number.isNaN(time.getTime()) ? null : time;
}
