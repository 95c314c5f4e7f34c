import { GraphQLJSON } from 'graphql-scalars';
import { CommandInput } from './command.input.js';
import { Field, ID, InputType, Int } from 'type-graphql';
import { WebhookInput } from './webhook.type.js';

@InputType('JobItemInput', { description: 'One unit of a job of several items.' })
export class JobItemInput {
  @Field(() => GraphQLJSON, {
    nullable: true,
    description: "Laid over the job's params: objects are merged by key, anything else replaces.",
  })
  params?: unknown;
}

@InputType('SubmitJobInput', { description: 'What to run, on what, with what.' })
export class SubmitJobInput {
  @Field(() => ID, {
    nullable: true,
    description: 'Owner of the job; your personal organization when left out. Needs the role MAINTAINER.',
  })
  organizationId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Display name, 1 to 200 characters; `job` when left out.',
  })
  name?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'Version of the service to run: one of your organization, or a published one. Give this or `command`.',
  })
  serviceVersionId?: string | null;

  @Field(() => CommandInput, {
    nullable: true,
    description: 'Shell command line to run. Give this or `serviceVersionId`.',
  })
  command?: CommandInput | null;

  @Field(() => String, {
    nullable: true,
    description: 'Hardware, by the name of one of `Target.sizes`; the limits of the target when left out.',
  })
  size?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Profile, by the name of one of `Target.images`; for a command the first when left out.',
  })
  image?: string | null;

  @Field(() => ID, { nullable: true, description: 'Target to run on; `local-process` when left out.' })
  targetId?: string | null;

  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'Data by value: up to 1 MB of JSON in UTF-8. Larger: `dataArtifactId`.',
  })
  data?: unknown;

  @Field(() => ID, {
    nullable: true,
    description: 'Data by reference to an uploaded artifact; instead of `data`.',
  })
  dataArtifactId?: string | null;

  @Field(() => GraphQLJSON, { nullable: true, description: 'Params: up to 1 MB of JSON in UTF-8.' })
  params?: unknown;

  @Field(() => [JobItemInput], {
    nullable: true,
    description: '1 to 300 units that share data and params; one when left out.',
  })
  items?: JobItemInput[] | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'From -100 to 100, higher first among the jobs of your organization; organizations take turns. 0 when left out.',
  })
  priority?: number | null;

  @Field(() => [String], { nullable: true, description: 'Up to 20 tags of 1 to 64 characters.' })
  tags?: string[] | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'How often an item that fails is tried, 1 to 10; 1 when left out. What would only fail in the same way (e.g. RESULT_TOO_LARGE, SERVICE_INVALID, or as its worker says) is not tried again. Lost workers are not counted here.',
  })
  maxAttempts?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Time limit of an attempt in seconds; never more than that of the target.',
  })
  timeoutSeconds?: number | null;

  @Field(() => Date, {
    nullable: true,
    description:
      'Not before this time; at once when left out or past. Up to 366 days ahead. Until then `reason` is SCHEDULED.',
  })
  startAt?: Date | null;

  @Field(() => Date, {
    nullable: true,
    description:
      'What has not ended by this time fails with DEADLINE_EXCEEDED: what waits is not started any more, what runs is stopped. Up to 366 days ahead.',
  })
  deadline?: Date | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Unique in the organization for 7 days: repeating a submission under it gives the same job, a different input under it is IDEMPOTENCY_CONFLICT.',
  })
  idempotencyKey?: string | null;

  @Field(() => WebhookInput, {
    nullable: true,
    description: 'Whom to tell, by HTTP, when the job has ended. Signed as Standard Webhooks has it.',
  })
  webhook?: WebhookInput | null;
}
