import { GraphQLJSON } from 'graphql-scalars';
import { Field, ID, InputType, Int } from 'type-graphql';
import type { FailurePolicy } from '../domain/workflow/workflow.js';
import type { WorkflowSubmission } from '../domain/workflow/workflow-submission.js';
import { CommandInput, commandOf } from './command.input.js';
import { JobItemInput } from './submit-job.input.js';
import { WebhookInput, webhookRequest } from './webhook.type.js';
import { FailurePolicyEnum } from './workflow.type.js';

const RESULTS =
  'Anywhere in it, `{"$from": "key"}` stands for the result of that step, which must be among `needs`: of a step of several items for the list of their results. `"path"` (a JSON Pointer) takes a part of it, `"default"` says what to take where there is none. Without a default, the result of a step that did not succeed is null, and a path that leads nowhere fails the step with INPUT_UNRESOLVED. Pass such JSON in a variable: `$from` cannot be written in a GraphQL document.';

@InputType('WorkflowStepInput', { description: 'One job of a workflow.' })
export class WorkflowStepInput {
  @Field(() => ID, {
    description: 'Its name in the workflow: 1 to 100 letters, digits, `_`, `-` and dots.',
  })
  key!: string;
  @Field(() => [ID], {
    nullable: true,
    description: 'Keys of the steps that must have ended before; none when left out.',
  })
  needs?: string[] | null;
  @Field(() => String, {
    nullable: true,
    description: 'Display name, 1 to 200 characters; the key when left out.',
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
    description: `Data by value: up to 1 MB of JSON in UTF-8. ${RESULTS} A result that is a file can only be the whole of data.`,
  })
  data?: unknown;
  @Field(() => ID, {
    nullable: true,
    description: 'Data by reference to an uploaded artifact; instead of `data`.',
  })
  dataArtifactId?: string | null;
  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'Params: up to 1 MB of JSON in UTF-8. Results stand in it as in `data`.',
  })
  params?: unknown;
  @Field(() => [JobItemInput], {
    nullable: true,
    description: '1 to 300 units that share data and params; one when left out.',
  })
  items?: JobItemInput[] | null;
  @Field(() => Int, { nullable: true, description: 'From -100 to 100, higher first; 0 when left out.' })
  priority?: number | null;
  @Field(() => [String], { nullable: true, description: 'Up to 20 tags of 1 to 64 characters.' })
  tags?: string[] | null;
  @Field(() => Int, {
    nullable: true,
    description:
      'How often an item that fails is tried, 1 to 10; 1 when left out. Lost workers are not counted here.',
  })
  maxAttempts?: number | null;
  @Field(() => Int, {
    nullable: true,
    description: 'Time limit of an attempt in seconds; never more than that of the target.',
  })
  timeoutSeconds?: number | null;
  @Field(() => WebhookInput, {
    nullable: true,
    description: 'Whom to tell, by HTTP, when this step has ended.',
  })
  webhook?: WebhookInput | null;
}

@InputType('SubmitWorkflowInput', {
  description: 'Jobs that wait for each other. A request has up to 8 MB.',
})
export class SubmitWorkflowInput {
  @Field(() => ID, {
    nullable: true,
    description: 'Owner of the jobs; your personal organization when left out. Needs the role MAINTAINER.',
  })
  organizationId?: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Display name of the workflow, 1 to 200 characters; `workflow` when left out.',
  })
  name?: string | null;
  @Field(() => [WorkflowStepInput], {
    description: '1 to 300 steps in any order. All of them are accepted, or none.',
  })
  steps!: WorkflowStepInput[];
  @Field(() => FailurePolicyEnum, { nullable: true, description: 'STOP when left out.' })
  onFailure?: FailurePolicy | null;
  @Field(() => String, {
    nullable: true,
    description:
      'Unique in the organization for 7 days, among jobs, batches and workflows: repeating a submission under it gives the same workflow, a different input under it is IDEMPOTENCY_CONFLICT.',
  })
  idempotencyKey?: string | null;
}

const jsonText = (value: unknown): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value);

export const workflowSubmissionOf = (
  input: SubmitWorkflowInput,
  organizationId: string,
  defaultTargetId: string,
): WorkflowSubmission => ({
  organizationId,
  name: input.name ?? 'workflow',
  onFailure: input.onFailure ?? 'STOP',
  idempotencyKey: input.idempotencyKey ?? null,
  steps: input.steps.map((step) => ({
    key: step.key,
    needs: step.needs ?? [],
    job: {
      organizationId,
      name: step.name ?? step.key,
      serviceVersionId: step.serviceVersionId ?? null,
      command: step.command == null ? null : commandOf(step.command),
      size: step.size ?? null,
      image: step.image ?? null,
      targetId: step.targetId ?? defaultTargetId,
      data: jsonText(step.data),
      dataArtifactId: step.dataArtifactId ?? null,
      params: jsonText(step.params),
      items: step.items?.map((item) => jsonText(item.params)) ?? [null],
      priority: step.priority ?? 0,
      tags: step.tags ?? [],
      maxAttempts: step.maxAttempts ?? 1,
      timeoutSeconds: step.timeoutSeconds ?? null,
      startAt: null,
      deadline: null,
      idempotencyKey: null,
      webhook: webhookRequest(step.webhook),
    },
  })),
});
