import type { Outcome } from '@weft/errors';
import { hasScope } from '@weft/identity';
import { presentUserErrors, UserErrorType } from '@weft/subgraph';
import { Arg, Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import { cancelBatch } from '../application/cancel-batch.js';
import type { Ports } from '../application/ports.js';
import { retryWorkflow } from '../application/retry-workflow.js';
import { submitWorkflow } from '../application/submit-workflow.js';
import type { Checking } from '../application/checking.js';
import { mayWrite, noOrganization, noScope } from './write-rights.js';
import type { JobsContext } from './jobs-context.js';
import { SubmitWorkflowInput, workflowSubmissionOf } from './submit-workflow.input.js';
import { loadWorkflow } from './workflow.resolver.js';
import { WorkflowType } from './workflow.type.js';

@ObjectType('StepWebhookSecret', { description: 'The signing secret of a webhook that was made here.' })
export class StepWebhookSecretType {
  @Field(() => ID, { description: 'Key of the step.' })
  key!: string;
  @Field(() => String, { description: 'Keep it: it is shown this once.' })
  secret!: string;
}

@ObjectType('SubmitWorkflowPayload', { description: 'The accepted workflow, or why there is none.' })
export class SubmitWorkflowPayload {
  @Field(() => WorkflowType, {
    nullable: true,
    description: 'The workflow: each of its jobs is durable from now on. Null when `userErrors` says why.',
  })
  workflow!: WorkflowType | null;
  @Field(() => Boolean, {
    description:
      'The idempotency key had been used for the same input: this is the workflow of the first time.',
  })
  repeated!: boolean;
  @Field(() => [StepWebhookSecretType], {
    description: 'Secrets of the webhooks of steps that named none; empty when repeated.',
  })
  webhookSecrets!: readonly StepWebhookSecretType[];
  @Field(() => [UserErrorType], {
    description:
      'What is wrong with the input, up to 100 problems; those of a step begin with `input.steps.<index>`.',
  })
  userErrors!: UserErrorType[];
}

@InputType('CancelWorkflowInput', { description: 'Which workflow to cancel.' })
export class CancelWorkflowInput {
  @Field(() => ID, { description: 'Id of the workflow.' })
  id!: string;
}

@InputType('RetryWorkflowInput', { description: 'Which workflow to try again.' })
export class RetryWorkflowInput {
  @Field(() => ID, { description: 'Id of the workflow.' })
  id!: string;
}

@ObjectType('ChangeWorkflowPayload', { description: 'The workflow after the change, or why it was refused.' })
export class ChangeWorkflowPayload {
  @Field(() => WorkflowType, { nullable: true, description: 'The workflow as it is now.' })
  workflow!: WorkflowType | null;
  @Field(() => Int, {
    description: 'How many of its jobs this concerns; a cancellation of many may go on after the answer.',
  })
  jobs!: number;
  @Field(() => [UserErrorType], {
    description:
      'JOB_ALREADY_FINAL when there is nothing to cancel, JOB_NOTHING_TO_RETRY when nothing failed, CONFLICT while it is being cancelled or a step that would have to run again is under way.',
  })
  userErrors!: UserErrorType[];
}

@Resolver()
export class WorkflowMutationsResolver {
  constructor(
    private readonly ports: Ports,
    private readonly checking: Checking,
    private readonly defaultTargetId: string,
  ) {}

  @Mutation(() => SubmitWorkflowPayload, {
    description:
      'Submits up to 300 jobs that need each other, all or none. All exist from now on; those that need others wait for them (WAITING_FOR_JOBS), and may be given their results.',
  })
  async submitWorkflow(
    @Arg('input', () => SubmitWorkflowInput, { description: 'What to run.' }) input: SubmitWorkflowInput,
    @Ctx() context: JobsContext,
  ): Promise<SubmitWorkflowPayload> {
    const { actor, correlationId } = context;
    const organizationId = input.organizationId ?? actor.personalOrganizationId;
    const none = { workflow: null, repeated: false, webhookSecrets: [] };
    const denied = mayWrite(actor, organizationId);
    if (denied !== undefined || organizationId === undefined)
      return { ...none, userErrors: presentUserErrors([denied ?? noOrganization]) };
    const submission = workflowSubmissionOf(input, organizationId, this.defaultTargetId, actor);
    const outcome = await this.checking(({ schemas }) =>
      submitWorkflow(this.ports, schemas, actor.id, correlationId, submission),
    );
    if (!outcome.ok) return { ...none, userErrors: presentUserErrors(outcome.errors) };
    const { workflowId, ...accepted } = outcome.value;
    return { workflow: await loadWorkflow(context, workflowId), ...accepted, userErrors: [] };
  }

  @Mutation(() => ChangeWorkflowPayload, {
    description:
      'Cancels every open job of a workflow: at once what waits; what runs is asked to (see `Target.cancelsRunning`).',
  })
  async cancelWorkflow(
    @Arg('input', () => CancelWorkflowInput, { description: 'Which workflow.' }) { id }: CancelWorkflowInput,
    @Ctx() context: JobsContext,
  ): Promise<ChangeWorkflowPayload> {
    const { actor } = context;
    return present(
      context,
      id,
      hasScope(actor, 'write') ? await cancelBatch(this.ports, actor, id, 'workflow') : noScope,
    );
  }

  @Mutation(() => ChangeWorkflowPayload, {
    description:
      'Runs again the steps that ended without success, and all that depended on them: successors (`retryOf`) take their places. Refused while one of those is under way with results from before: wait for it or cancel it.',
  })
  async retryWorkflow(
    @Arg('input', () => RetryWorkflowInput, { description: 'Which workflow.' }) { id }: RetryWorkflowInput,
    @Ctx() context: JobsContext,
  ): Promise<ChangeWorkflowPayload> {
    const { actor, correlationId } = context;
    return present(
      context,
      id,
      hasScope(actor, 'write') ? await retryWorkflow(this.ports, actor, correlationId, id) : noScope,
    );
  }
}

const present = async (
  context: JobsContext,
  id: string,
  outcome: Outcome<{ readonly jobs: number }>,
): Promise<ChangeWorkflowPayload> =>
  outcome.ok
    ? { workflow: await loadWorkflow(context, id), jobs: outcome.value.jobs, userErrors: [] }
    : { workflow: null, jobs: 0, userErrors: presentUserErrors(outcome.errors) };
