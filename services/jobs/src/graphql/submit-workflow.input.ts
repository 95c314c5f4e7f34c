import type { Actor } from '@weft/identity';
import { GraphQLJSON } from 'graphql-scalars';
import { Field, ID, InputType } from 'type-graphql';
import type { FailurePolicy } from '../domain/workflow/workflow.js';
import type { WorkflowSubmission } from '../domain/workflow/workflow-submission.js';
import { jsonText, RunInput, runOf } from './run.input.js';
import { JobItemInput } from './submit-job.input.js';
import { WebhookInput, webhookRequest } from './webhook.type.js';
import { FailurePolicyEnum } from './workflow.type.js';

const RESULTS =
  'Anywhere in it, `{"$from": "key"}` stands for the result of that step, which must be among `needs`: of a step of several items for the list of their results, with null for each that has none. `"path"` (a JSON Pointer) takes a part of it, `"default"` says what to take where there is none. Without a default, the result of a step that did not succeed and made none is null, and a path that leads nowhere fails the step with INPUT_UNRESOLVED. Pass such JSON in a variable: `$from` cannot be written in a GraphQL document. All results that are put into the input of a step have up to 1 MB together.';

@InputType('WorkflowStepInput', { description: 'One job of a workflow.' })
export class WorkflowStepInput extends RunInput {
  @Field(() => ID, {
    description:
      'Its name in the workflow: 1 to 100 letters, digits, `_`, `-` and dots; it begins with a letter, digit or `_`.',
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
  @Field(() => GraphQLJSON, {
    nullable: true,
    description: `Data by value: up to 1 MB of JSON in UTF-8. ${RESULTS} A result that is a file can only be the whole of data.`,
  })
  data?: unknown;
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

export const workflowSubmissionOf = (
  input: SubmitWorkflowInput,
  organizationId: string,
  defaultTargetId: string,
  actor: Actor,
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
      ...runOf(step, defaultTargetId, actor),
      items: step.items?.map((item) => jsonText(item.params)) ?? [null],
      idempotencyKey: null,
      webhook: webhookRequest(step.webhook),
    },
  })),
});
