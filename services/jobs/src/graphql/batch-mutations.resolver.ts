import type { Outcome } from '@weft/errors';
import { hasScope } from '@weft/identity';
import { presentUserErrors, UserErrorType } from '@weft/subgraph';
import { Arg, Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import { cancelBatch } from '../application/cancel-batch.js';
import { cancelJobs } from '../application/cancel-jobs.js';
import type { Ports } from '../application/ports.js';
import { retryBatch, type RetriedBatch } from '../application/retry-batch.js';
import type { RetryItems } from '../application/succeed-jobs.js';
import { submitBatch } from '../application/submit-batch.js';
import type { Checking } from '../application/checking.js';
import { loadBatch } from './batch.resolver.js';
import { BatchType } from './batch.type.js';
import { RetryItemsEnum } from './job-enums.js';
import { checkFilter, filterOf, JobFilterInput } from './job-filter.input.js';
import { mayWrite, noOrganization, noScope } from './write-rights.js';
import type { JobsContext } from './jobs-context.js';
import { batchSubmissionOf, SubmitBatchInput } from './submit-batch.input.js';

@ObjectType('SubmitBatchPayload', { description: 'The accepted batch, or why there is none.' })
export class SubmitBatchPayload {
  @Field(() => BatchType, {
    nullable: true,
    description: 'The batch: each of its jobs is durable from now on. Null when `userErrors` says why.',
  })
  batch!: BatchType | null;
  @Field(() => Boolean, {
    description: 'The idempotency key had been used for the same input: this is the batch of the first time.',
  })
  repeated!: boolean;
  @Field(() => [UserErrorType], {
    description:
      'What is wrong with the input, up to 100 problems; those of a job begin with `input.jobs.<index>`.',
  })
  userErrors!: UserErrorType[];
}

@InputType('CancelBatchInput', { description: 'Which batch to cancel.' })
export class CancelBatchInput {
  @Field(() => ID, { description: 'Id of the batch.' })
  id!: string;
}

@InputType('RetryBatchInput', { description: 'Which batch to try again, and what of it.' })
export class RetryBatchInput {
  @Field(() => ID, { description: 'Id of the batch.' })
  id!: string;
  @Field(() => RetryItemsEnum, {
    nullable: true,
    description:
      'FAILED, also when left out: jobs that ended without success. ALL: every job that has ended.',
  })
  items?: RetryItems | null;
  @Field(() => Int, {
    nullable: true,
    description:
      'Only jobs from this place in the batch on (`next` of the request before); all when left out.',
  })
  from?: number | null;
}

@ObjectType('ChangeBatchPayload', { description: 'The batch after the change, or why it was refused.' })
export class ChangeBatchPayload {
  @Field(() => BatchType, { nullable: true, description: 'The batch as it is now.' })
  batch!: BatchType | null;
  @Field(() => Int, {
    description: 'How many of its jobs this concerns; a cancellation of many may go on after the answer.',
  })
  jobs!: number;
  @Field(() => Int, {
    nullable: true,
    description:
      'Set when a retry did not get to all jobs, after ten seconds or by `userErrors`: send it again with this as `from`.',
  })
  next!: number | null;
  @Field(() => [UserErrorType], {
    description:
      'JOB_ALREADY_FINAL when there is nothing to cancel, JOB_NOTHING_TO_RETRY when nothing failed. QUEUE_FULL beside the batch when only `jobs` found room.',
  })
  userErrors!: UserErrorType[];
}

@InputType('CancelJobsInput', { description: 'Which jobs to cancel.' })
export class CancelJobsInput {
  @Field(() => JobFilterInput, {
    description:
      'Those of your jobs that are open and meet this; an empty filter means all of them but those of kind REGISTRATION.',
  })
  filter!: JobFilterInput;
  @Field(() => Boolean, { nullable: true, description: 'Only counts them. False when left out.' })
  dryRun?: boolean | null;
}

@ObjectType('CancelJobsPayload', { description: 'How many jobs were cancelled, or why none.' })
export class CancelJobsPayload {
  @Field(() => Int, {
    description:
      'How many were cancelled or asked to, up to 10 000 in a request, or as many as it takes ten seconds for; in a dry run how many would be, counted up to 100 000.',
  })
  jobs!: number;
  @Field(() => Boolean, { description: 'There may be more than a request cancels: send it again.' })
  more!: boolean;
  @Field(() => [UserErrorType], { description: 'FORBIDDEN when you may cancel nothing there.' })
  userErrors!: UserErrorType[];
}

@Resolver()
export class BatchMutationsResolver {
  constructor(
    private readonly ports: Ports,
    private readonly checking: Checking,
    private readonly defaultTargetId: string,
  ) {}

  @Mutation(() => SubmitBatchPayload, {
    description:
      'Submits up to 10 000 jobs together, all or none. Each of them will reach exactly one final state.',
  })
  async submitBatch(
    @Arg('input', () => SubmitBatchInput, { description: 'What to run.' }) input: SubmitBatchInput,
    @Ctx() context: JobsContext,
  ): Promise<SubmitBatchPayload> {
    const { actor, correlationId } = context;
    const organizationId = input.organizationId ?? actor.personalOrganizationId;
    const denied = mayWrite(actor, organizationId);
    if (denied !== undefined || organizationId === undefined)
      return { batch: null, repeated: false, userErrors: presentUserErrors([denied ?? noOrganization]) };
    const submission = batchSubmissionOf(input, organizationId, this.defaultTargetId, actor);
    const outcome = await this.checking(({ schemas }) =>
      submitBatch(this.ports, schemas, actor.id, correlationId, submission),
    );
    if (!outcome.ok) return { batch: null, repeated: false, userErrors: presentUserErrors(outcome.errors) };
    const { batchId, repeated } = outcome.value;
    return { batch: await loadBatch(context, batchId), repeated, userErrors: [] };
  }

  @Mutation(() => ChangeBatchPayload, {
    description:
      'Cancels every open job of a batch: at once what waits; what runs is asked to (see `Target.cancelsRunning`).',
  })
  async cancelBatch(
    @Arg('input', () => CancelBatchInput, { description: 'Which batch.' }) { id }: CancelBatchInput,
    @Ctx() context: JobsContext,
  ): Promise<ChangeBatchPayload> {
    const { actor } = context;
    return present(
      context,
      id,
      hasScope(actor, 'write') ? await cancelBatch(this.ports, actor, id) : noScope,
    );
  }

  @Mutation(() => ChangeBatchPayload, {
    description:
      'Runs jobs of a batch again that have ended: successors (`retryOf`) take their places in it. Some hundreds at a time; what runs again does so.',
  })
  async retryBatch(
    @Arg('input', () => RetryBatchInput, { description: 'Which batch.' })
    { id, items, from }: RetryBatchInput,
    @Ctx() context: JobsContext,
  ): Promise<ChangeBatchPayload> {
    const { actor, correlationId } = context;
    const outcome = hasScope(actor, 'write')
      ? await retryBatch(this.ports, actor, correlationId, {
          batchId: id,
          items: items ?? 'FAILED',
          from: from ?? 0,
        })
      : noScope;
    return present(context, id, outcome);
  }

  @Mutation(() => CancelJobsPayload, {
    description:
      'Cancels all open jobs that meet a filter, some hundreds at a time; what was cancelled stays so.',
  })
  async cancelJobs(
    @Arg('input', () => CancelJobsInput, { description: 'Which jobs.' }) { filter, dryRun }: CancelJobsInput,
    @Ctx() { actor }: JobsContext,
  ): Promise<CancelJobsPayload> {
    const wrong = checkFilter(filter);
    if (wrong.length > 0) return { jobs: 0, more: false, userErrors: presentUserErrors(wrong) };
    const outcome = hasScope(actor, 'write')
      ? await cancelJobs(this.ports, actor, filterOf(filter), dryRun ?? false)
      : noScope;
    return outcome.ok
      ? { ...outcome.value, userErrors: [] }
      : { jobs: 0, more: false, userErrors: presentUserErrors(outcome.errors) };
  }
}

const present = async (
  context: JobsContext,
  id: string,
  outcome: Outcome<Pick<RetriedBatch, 'jobs'> & Partial<RetriedBatch>>,
): Promise<ChangeBatchPayload> => {
  if (!outcome.ok) return { batch: null, jobs: 0, next: null, userErrors: presentUserErrors(outcome.errors) };
  const { jobs, next = null, stopped = [] } = outcome.value;
  return { batch: await loadBatch(context, id), jobs, next, userErrors: presentUserErrors(stopped) };
};
