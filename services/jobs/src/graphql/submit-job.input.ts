import { GraphQLJSON } from 'graphql-scalars';
import { Field, ID, InputType } from 'type-graphql';
import { RunInput } from './run.input.js';
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
export class SubmitJobInput extends RunInput {
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

  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'Data by value: up to 1 MB of JSON in UTF-8. Larger: `dataArtifactId`.',
  })
  data?: unknown;

  @Field(() => GraphQLJSON, { nullable: true, description: 'Params: up to 1 MB of JSON in UTF-8.' })
  params?: unknown;

  @Field(() => [JobItemInput], {
    nullable: true,
    description: '1 to 300 units that share data and params; one when left out.',
  })
  items?: JobItemInput[] | null;

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
