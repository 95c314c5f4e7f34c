import type { Actor } from '@weft/identity';
import { GraphQLJSON } from 'graphql-scalars';
import { Field, ID, InputType } from 'type-graphql';
import type { BatchSubmission } from '../domain/batch-submission.js';
import { jsonText, RunInput, runOf } from './run.input.js';

@InputType('BatchJobInput', { description: 'One job of a batch: what it brings beyond what all share.' })
export class BatchJobInput {
  @Field(() => String, {
    nullable: true,
    description: 'Display name, 1 to 200 characters; that of the batch with a number when left out.',
  })
  name?: string | null;
  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'Laid over the shared params: objects are merged by key, anything else replaces.',
  })
  params?: unknown;
  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'Instead of the shared data; up to 1 MB of JSON.',
  })
  data?: unknown;
}

@InputType('SubmitBatchInput', {
  description:
    'Jobs to submit together. What they share is said once and kept once; a request has up to 8 MB.',
})
export class SubmitBatchInput extends RunInput {
  @Field(() => ID, {
    nullable: true,
    description: 'Owner of the jobs; your personal organization when left out. Needs the role MAINTAINER.',
  })
  organizationId?: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Display name of the batch, 1 to 200 characters; `batch` when left out.',
  })
  name?: string | null;
  @Field(() => [BatchJobInput], { description: '1 to 10 000 jobs. All of them are accepted, or none.' })
  jobs!: BatchJobInput[];
  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'Shared data by value: up to 1 MB of JSON in UTF-8.',
  })
  data?: unknown;
  @Field(() => GraphQLJSON, { nullable: true, description: 'Shared params: up to 1 MB of JSON in UTF-8.' })
  params?: unknown;
  @Field(() => String, {
    nullable: true,
    description:
      'Unique in the organization for 7 days, among jobs and batches: repeating a submission under it gives the same batch, a different input under it is IDEMPOTENCY_CONFLICT.',
  })
  idempotencyKey?: string | null;
}

export const batchSubmissionOf = (
  input: SubmitBatchInput,
  organizationId: string,
  defaultTargetId: string,
  actor: Actor,
): BatchSubmission => ({
  shared: {
    organizationId,
    name: input.name ?? 'batch',
    ...runOf(input, defaultTargetId, actor),
    items: [null],
    idempotencyKey: input.idempotencyKey ?? null,
  },
  jobs: input.jobs.map((job) => ({
    name: job.name ?? null,
    data: jsonText(job.data),
    params: jsonText(job.params),
  })),
});
