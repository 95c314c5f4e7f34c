import type { UserError } from '@weft/errors';
import { hasRole, hasScope, type Actor } from '@weft/identity';
import { presentUserErrors, UserErrorType } from '@weft/subgraph';
import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Resolver,
  Root,
} from 'type-graphql';
import type { Ports } from '../application/ports.js';
import type { QueuePlace, QueueReader, QueueUse } from '../application/queue-ports.js';
import { setQueueLimits } from '../application/set-queue-limits.js';
import { JobType } from './job.type.js';
import { requireRead, type JobsContext } from './jobs-context.js';
import { OrganizationRef } from './references.js';

@ObjectType('QueuePlace', { description: 'Where a job that waits to be claimed stands, as of now.' })
class QueuePlaceType {
  @Field(() => String, {
    description:
      'What keeps it: TIME (a later start, or the wait before a retry), TARGET_UNAVAILABLE, DEFINITION_LIMIT, ORGANIZATION_LIMIT, TARGET_LIMIT (as much runs already as may), or TURN (nothing but those before it). An open vocabulary.',
  })
  waitsFor!: string;
  @Field(() => Int, {
    nullable: true,
    description:
      'Among the jobs of its organization for this target (of its definition, where that has a limit): 1 is next. Counted up to 1000; organizations take turns. Null while it waits for a TIME.',
  })
  position!: number | null;
  @Field(() => Boolean, { description: 'It is further back than `position` says.' })
  isFurther!: boolean;
  @Field(() => Date, { description: 'Since when it is in the queue, or from when it will be.' })
  queuedFrom!: Date;
  @Field(() => Date, {
    nullable: true,
    description:
      'When its turn may come, by how fast the target started what waited in the last two minutes. While it waits for a TIME, that. Null where nothing is known, or a limit or the target itself keeps the job.',
  })
  estimatedStart!: Date | null;
}

@ObjectType('OrganizationQueue', {
  description: 'What an organization takes of the platform now, and how much it may.',
})
class OrganizationQueueType {
  @Field(() => Int, {
    nullable: true,
    description:
      'Attempts that may run at the same time, over all targets; null: as many as the targets run.',
  })
  concurrentAttempts!: number | null;
  @Field(() => Int, { description: 'Jobs that may wait at the same time; more are refused with QUEUE_FULL.' })
  queuedJobs!: number;
  @Field(() => Int, { description: 'Attempts that run now.' })
  runningAttempts!: number;
  @Field(() => Int, { description: 'Jobs that wait now; counted up to the limit and one.' })
  waitingJobs!: number;
}

@InputType('SetQueueLimitsInput', { description: 'How much of the platform an organization may take.' })
class SetQueueLimitsInput {
  @Field(() => ID, { description: 'The organization.' })
  organizationId!: string;
  @Field(() => Int, {
    nullable: true,
    description:
      'Attempts that run at the same time, over all targets, 0 to 1000000; 0 stops it. The default of the platform when null or left out. What runs already goes on.',
  })
  concurrentAttempts?: number | null;
  @Field(() => Int, {
    nullable: true,
    description:
      'Jobs that wait at the same time, 0 to 100000000. The default of the platform when null or left out. What waits already stays.',
  })
  queuedJobs?: number | null;
}

@ObjectType('SetQueueLimitsPayload', { description: 'The limits as they are now, or why they were refused.' })
class SetQueueLimitsPayload {
  @Field(() => OrganizationQueueType, { nullable: true, description: 'Null when `userErrors` says why.' })
  queue!: QueueUse | null;
  @Field(() => [UserErrorType], {
    description: 'FORBIDDEN without the platform role `operator`; BAD_USER_INPUT names the field.',
  })
  userErrors!: UserErrorType[];
}

@Resolver(() => JobType)
export class JobQueueResolver {
  @FieldResolver(() => QueuePlaceType, {
    nullable: true,
    description: 'Its place in the queue; null while no item of it waits to be claimed.',
  })
  async queue(@Root() job: JobType, @Ctx() context: JobsContext): Promise<QueuePlace | null> {
    return job.source.claimableAt === null ? null : ((await context.queuePlaces.load(job.id)) ?? null);
  }
}

const mayRead = (actor: Actor, organizationId: string): boolean =>
  hasRole(actor, organizationId, 'VIEWER') || actor.roles.includes('operator');

@Resolver(() => OrganizationRef)
export class OrganizationQueueResolver {
  constructor(private readonly reader: QueueReader) {}

  @FieldResolver(() => OrganizationQueueType, {
    nullable: true,
    description: 'Its part of the queue; null for those who are neither members nor operators.',
  })
  async queue(@Root() organization: OrganizationRef, @Ctx() context: JobsContext): Promise<QueueUse | null> {
    requireRead(context.actor);
    return mayRead(context.actor, organization.id) ? this.reader.use(organization.id) : null;
  }
}

@Resolver()
export class QueueLimitsResolver {
  constructor(
    private readonly ports: Ports,
    private readonly reader: QueueReader,
  ) {}

  @Mutation(() => SetQueueLimitsPayload, {
    description:
      'Sets how much of the platform one organization may take at a time. Needs the platform role `operator` and the scope `admin`.',
  })
  async setQueueLimits(
    @Arg('input', () => SetQueueLimitsInput, { description: 'Whose, and how much.' })
    { organizationId, concurrentAttempts = null, queuedJobs = null }: SetQueueLimitsInput,
    @Ctx() { actor }: JobsContext,
  ): Promise<SetQueueLimitsPayload> {
    const refuse = (errors: readonly UserError[]): SetQueueLimitsPayload => ({
      queue: null,
      userErrors: presentUserErrors(errors),
    });
    if (!hasScope(actor, 'admin'))
      return refuse([{ code: 'FORBIDDEN', message: 'The token lacks the scope "admin".', path: ['input'] }]);
    const outcome = await setQueueLimits(this.ports, actor, organizationId, {
      concurrentAttempts,
      queuedJobs,
    });
    if (!outcome.ok) return refuse(outcome.errors);
    return { queue: await this.reader.use(organizationId), userErrors: [] };
  }
}
