import { userError } from '@weft/errors';
import { hasScope } from '@weft/identity';
import { presentUserErrors } from '@weft/subgraph';
import { GraphQLJSON } from 'graphql-scalars';
import { Arg, Ctx, Field, ID, InputType, Int, Mutation, Resolver } from 'type-graphql';
import type { Ports } from '../application/ports.js';
import { rerunJob } from '../application/rerun-job.js';
import type { Checking } from '../application/checking.js';
import type { Submission } from '../domain/submission.js';
import { CommandInput, commandOf } from './command.input.js';
import {
  DataPoolFileReferenceInput,
  jsonText,
  poolFileOf,
  ResultPoolInput,
  resultPoolOf,
} from './run.input.js';
import { SubmitJobPayload } from './job-mutations.resolver.js';
import type { JobsContext } from './jobs-context.js';
import { presentJob } from './present-job.js';
import { JobItemInput } from './submit-job.input.js';
import { WebhookInput, webhookRequest } from './webhook.type.js';

@InputType('RerunJobInput', {
  description:
    'Which job to run again, and what is to be different: what is left out stays, null takes it away.',
})
class RerunJobInput {
  @Field(() => ID, { description: 'Id of the job, final or not.' })
  id!: string;
  @Field(() => String, { nullable: true, description: 'Display name, 1 to 200 characters.' })
  name?: string | null;
  @Field(() => ID, {
    nullable: true,
    description: 'Another version of the service, or a service instead of the command.',
  })
  serviceVersionId?: string | null;
  @Field(() => CommandInput, {
    nullable: true,
    description: 'The whole of another command, secrets included, or a command instead of the service.',
  })
  command?: CommandInput | null;
  @Field(() => ID, { nullable: true, description: 'Another target.' })
  targetId?: string | null;
  @Field(() => String, { nullable: true, description: 'Hardware, by the name of one of `Target.sizes`.' })
  size?: string | null;
  @Field(() => String, { nullable: true, description: 'Profile, by the name of one of `Target.images`.' })
  image?: string | null;
  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'Data by value; takes the place of an artifact too.',
  })
  data?: unknown;
  @Field(() => ID, {
    nullable: true,
    description: 'Data by reference; takes the place of data by value too.',
  })
  dataArtifactId?: string | null;
  @Field(() => DataPoolFileReferenceInput, {
    nullable: true,
    description:
      'Data by reference to a file of a data pool, as it is now; takes the place of other data. It is not waited for.',
  })
  dataPoolFile?: DataPoolFileReferenceInput | null;
  @Field(() => ResultPoolInput, {
    nullable: true,
    description:
      'Another data pool for its results; null: none. Left out: that of the job, where you have the right yourself.',
  })
  resultPool?: ResultPoolInput | null;
  @Field(() => GraphQLJSON, { nullable: true, description: 'All params, as they are to be.' })
  params?: unknown;
  @Field(() => [JobItemInput], { nullable: true, description: 'All items, 1 to 300; one when null.' })
  items?: JobItemInput[] | null;
  @Field(() => Int, { nullable: true, description: 'From -100 to 100; 0 when null.' })
  priority?: number | null;
  @Field(() => [String], { nullable: true, description: 'All tags, up to 20 of 1 to 64 characters.' })
  tags?: string[] | null;
  @Field(() => Int, {
    nullable: true,
    description: 'How often an item that fails is tried, 1 to 10; 1 when null.',
  })
  maxAttempts?: number | null;
  @Field(() => Int, { nullable: true, description: 'Time limit of an attempt in seconds.' })
  timeoutSeconds?: number | null;
  @Field(() => Date, { nullable: true, description: 'Not before this time; that of the job does not stay.' })
  startAt?: Date | null;
  @Field(() => Date, {
    nullable: true,
    description: 'What has not ended by this time fails; that of the job does not stay.',
  })
  deadline?: Date | null;
  @Field(() => String, {
    nullable: true,
    description: 'Unique in the organization for 7 days, as for `submitJob`.',
  })
  idempotencyKey?: string | null;
  @Field(() => WebhookInput, {
    nullable: true,
    description: 'Whom to tell of its end. Left out: whom the job told, with the same secret.',
  })
  webhook?: WebhookInput | null;
}

@Resolver()
export class RerunJobResolver {
  constructor(
    private readonly ports: Ports,
    private readonly checking: Checking,
  ) {}

  @Mutation(() => SubmitJobPayload, {
    description:
      'Submits a new job like this one, with other inputs or on another target where given; `rerunOf` tells of it. Runs all items: `retryJob` runs only what failed.',
  })
  async rerunJob(
    @Arg('input', () => RerunJobInput, { description: 'Which job, and what is different.' })
    input: RerunJobInput,
    @Ctx() context: JobsContext,
  ): Promise<SubmitJobPayload> {
    const outcome = hasScope(context.actor, 'write')
      ? await this.checking(({ schemas }) =>
          rerunJob(this.ports, schemas, context.actor, context.correlationId, {
            jobId: input.id,
            change: (asItWas) => changed(asItWas, input),
            keepsWebhook: input.webhook === undefined,
          }),
        )
      : { ok: false as const, errors: [userError('FORBIDDEN', 'The token lacks the scope "write".')] };
    if (!outcome.ok)
      return {
        job: null,
        repeated: false,
        webhookSecret: null,
        userErrors: presentUserErrors(outcome.errors),
      };
    const job = await context.jobs.load(outcome.value.jobId);
    return {
      job: job === undefined ? null : presentJob(job),
      repeated: outcome.value.repeated,
      webhookSecret: outcome.value.webhookSecret ?? null,
      userErrors: [],
    };
  }
}

const or = <T>(given: T | null | undefined, now: T, otherwise: T): T =>
  given === undefined ? now : (given ?? otherwise);

/** What is given takes the place of what says the same in another way. */
function changed(asItWas: Submission, input: RerunJobInput): Submission {
  const { serviceVersionId, command, data, dataArtifactId, dataPoolFile, resultPool, items } = input;
  return {
    ...asItWas,
    name: input.name ?? asItWas.name,
    ...(serviceVersionId == null ? {} : { serviceVersionId, command: null }),
    ...(command == null ? {} : { command: commandOf(command), serviceVersionId: serviceVersionId ?? null }),
    targetId: input.targetId ?? asItWas.targetId,
    size: or(input.size, asItWas.size, null),
    image: or(input.image, asItWas.image, null),
    ...(data === undefined ? {} : { data: jsonText(data), dataArtifactId: null }),
    ...(dataArtifactId === undefined ? {} : { dataArtifactId, data: jsonText(data) }),
    ...(dataPoolFile == null
      ? {}
      : {
          dataPoolFile: poolFileOf(dataPoolFile),
          data: jsonText(data),
          dataArtifactId: dataArtifactId ?? null,
        }),
    ...(resultPool === undefined
      ? {}
      : { resultPool: resultPool && { ...resultPoolOf(resultPool), principals: [] } }),
    params: input.params === undefined ? asItWas.params : jsonText(input.params),
    ...(items === undefined ? {} : { items: items?.map((item) => jsonText(item.params)) ?? [null] }),
    priority: or(input.priority, asItWas.priority, 0),
    tags: or<readonly string[]>(input.tags, asItWas.tags, []),
    maxAttempts: or(input.maxAttempts, asItWas.maxAttempts, 1),
    timeoutSeconds: or(input.timeoutSeconds, asItWas.timeoutSeconds, null),
    startAt: input.startAt ?? null,
    deadline: input.deadline ?? null,
    idempotencyKey: input.idempotencyKey ?? null,
    webhook: webhookRequest(input.webhook),
  };
}
