import { hasScope } from '@weft/identity';
import type { Outcome } from '@weft/errors';
import { presentUserErrors, UserErrorType } from '@weft/subgraph';
import { Arg, Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import { cancelItems } from '../application/cancel-items.js';
import { cancelJob } from '../application/cancel-job.js';
import type { Ports } from '../application/ports.js';
import { retryJob } from '../application/retry-job.js';
import type { RetryItems } from '../application/succeed-jobs.js';
import { submitJob } from '../application/submit-job.js';
import type { Checking } from '../application/checking.js';
import type { Submission } from '../domain/submission.js';
import { RetryItemsEnum } from './job-enums.js';
import { JobType } from './job.type.js';
import { mayWrite, noOrganization, noScope } from './write-rights.js';
import type { JobsContext } from './jobs-context.js';
import { presentJob } from './present-job.js';
import { jsonText, runOf } from './run.input.js';
import { SubmitJobInput } from './submit-job.input.js';
import { webhookRequest } from './webhook.type.js';

@ObjectType('SubmitJobPayload', { description: 'The accepted job, or why there is none.' })
export class SubmitJobPayload {
  @Field(() => JobType, {
    nullable: true,
    description: 'The job: durable from now on. Null when `userErrors` says why.',
  })
  job!: JobType | null;
  @Field(() => Boolean, {
    description: 'The idempotency key had been used for the same input: this is the job of the first time.',
  })
  repeated!: boolean;
  @Field(() => String, {
    nullable: true,
    description:
      'Signing secret of the webhook, when none was given: shown this once, not when `repeated`. Keep it, or give your own.',
  })
  webhookSecret!: string | null;
  @Field(() => [UserErrorType], { description: 'Everything that is wrong with the input.' })
  userErrors!: UserErrorType[];
}

@InputType('CancelJobInput', { description: 'Which job to cancel, or what of it.' })
export class CancelJobInput {
  @Field(() => ID, { description: 'Id of the job.' })
  id!: string;
  @Field(() => [Int], {
    nullable: true,
    description:
      'Only these items, by index, all of them or none; the job goes on with the others. The whole job when left out.',
  })
  items?: number[] | null;
}

@ObjectType('CancelJobPayload', { description: 'The job after the request, or why it was refused.' })
export class CancelJobPayload {
  @Field(() => JobType, {
    nullable: true,
    description:
      'CANCELLED when it was waiting; CANCELLING when it runs. Where items were named only these are. A run may still be charged.',
  })
  job!: JobType | null;
  @Field(() => [UserErrorType], {
    description: 'JOB_ALREADY_FINAL when it has ended, or an item that was named.',
  })
  userErrors!: UserErrorType[];
}

@InputType('RetryJobInput', { description: 'Which job to try again, and what of it.' })
export class RetryJobInput {
  @Field(() => ID, { description: 'Id of the job.' })
  id!: string;
  @Field(() => RetryItemsEnum, { nullable: true, description: 'FAILED when left out.' })
  items?: RetryItems | null;
}

@ObjectType('RetryJobPayload', { description: 'The job that runs again, or why there is none.' })
export class RetryJobPayload {
  @Field(() => JobType, {
    nullable: true,
    description: 'The same job while it was not final, else its successor (`retryOf`).',
  })
  job!: JobType | null;
  @Field(() => [UserErrorType], { description: 'JOB_NOTHING_TO_RETRY when no item failed.' })
  userErrors!: UserErrorType[];
}

@Resolver()
export class JobMutationsResolver {
  constructor(
    private readonly ports: Ports,
    private readonly checking: Checking,
    private readonly defaultTargetId: string,
  ) {}

  @Mutation(() => SubmitJobPayload, {
    description: 'Submits a job. Once it answers with a job, that job will reach exactly one final state.',
  })
  async submitJob(
    @Arg('input', () => SubmitJobInput, { description: 'What to run.' }) input: SubmitJobInput,
    @Ctx() context: JobsContext,
  ): Promise<SubmitJobPayload> {
    const { actor } = context;
    const organizationId = input.organizationId ?? actor.personalOrganizationId;
    const denied = mayWrite(actor, organizationId);
    if (denied !== undefined || organizationId === undefined) {
      return {
        job: null,
        repeated: false,
        webhookSecret: null,
        userErrors: presentUserErrors([denied ?? noOrganization]),
      };
    }
    const submission: Submission = {
      organizationId,
      name: input.name ?? 'job',
      ...runOf(input, this.defaultTargetId, actor),
      items:
        input.items === null || input.items === undefined
          ? [null]
          : input.items.map((item) => jsonText(item.params)),
      idempotencyKey: input.idempotencyKey ?? null,
      webhook: webhookRequest(input.webhook),
    };
    const outcome = await this.checking(({ schemas }) =>
      submitJob(this.ports, schemas, actor.id, context.correlationId, submission),
    );
    if (!outcome.ok)
      return {
        job: null,
        repeated: false,
        webhookSecret: null,
        userErrors: presentUserErrors(outcome.errors),
      };
    return {
      job: await this.load(context, outcome.value.jobId),
      repeated: outcome.value.repeated,
      webhookSecret: outcome.value.webhookSecret ?? null,
      userErrors: [],
    };
  }

  @Mutation(() => CancelJobPayload, {
    description:
      'Cancels a job, or items of it: at once while they wait; while they run it is a request (see `Target.cancelsRunning`).',
  })
  async cancelJob(
    @Arg('input', () => CancelJobInput, { description: 'Which job.' }) { id, items }: CancelJobInput,
    @Ctx() context: JobsContext,
  ): Promise<CancelJobPayload> {
    const { actor } = context;
    if (!hasScope(actor, 'write')) return this.present(context, noScope);
    return this.present(
      context,
      items == null
        ? await cancelJob(this.ports, actor, id)
        : await cancelItems(this.ports, actor, id, items),
    );
  }

  @Mutation(() => RetryJobPayload, {
    description: 'Runs failed items again: in the same job while it is not final, else in a successor.',
  })
  async retryJob(
    @Arg('input', () => RetryJobInput, { description: 'Which job.' }) input: RetryJobInput,
    @Ctx() context: JobsContext,
  ): Promise<RetryJobPayload> {
    const outcome = hasScope(context.actor, 'write')
      ? await retryJob(this.ports, context.actor, context.correlationId, input.id, input.items ?? 'FAILED')
      : noScope;
    return this.present(context, outcome);
  }

  private async present(
    context: JobsContext,
    outcome: Outcome<{ jobId: string }>,
  ): Promise<{ job: JobType | null; userErrors: UserErrorType[] }> {
    if (!outcome.ok) return { job: null, userErrors: presentUserErrors(outcome.errors) };
    return { job: await this.load(context, outcome.value.jobId), userErrors: [] };
  }

  private async load(context: JobsContext, jobId: string): Promise<JobType | null> {
    const job = await context.jobs.load(jobId);
    return job === undefined ? null : presentJob(job);
  }
}
