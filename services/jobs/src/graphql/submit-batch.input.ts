import { GraphQLJSON } from 'graphql-scalars';
import { Field, ID, InputType, Int } from 'type-graphql';
import type { BatchSubmission } from '../domain/batch-submission.js';
import { CommandInput, commandOf } from './command.input.js';

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
export class SubmitBatchInput {
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
  @Field(() => ID, {
    nullable: true,
    description:
      'Version of the service that all run: one of your organization, or a published one. Give this or `command`.',
  })
  serviceVersionId?: string | null;
  @Field(() => CommandInput, {
    nullable: true,
    description: 'Shell command line that all run. Give this or `serviceVersionId`.',
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
    description: 'Shared data by value: up to 1 MB of JSON in UTF-8.',
  })
  data?: unknown;
  @Field(() => ID, {
    nullable: true,
    description: 'Shared data by reference to an uploaded artifact; instead of `data`.',
  })
  dataArtifactId?: string | null;
  @Field(() => GraphQLJSON, { nullable: true, description: 'Shared params: up to 1 MB of JSON in UTF-8.' })
  params?: unknown;
  @Field(() => Int, { nullable: true, description: 'From -100 to 100, higher first; 0 when left out.' })
  priority?: number | null;
  @Field(() => [String], {
    nullable: true,
    description: 'Up to 20 tags of 1 to 64 characters, for every job.',
  })
  tags?: string[] | null;
  @Field(() => Int, {
    nullable: true,
    description:
      'How often a job that fails is tried, 1 to 10; 1 when left out. What would only fail in the same way (e.g. RESULT_TOO_LARGE, SERVICE_INVALID, or as its worker says) is not tried again. Lost workers are not counted here.',
  })
  maxAttempts?: number | null;
  @Field(() => Int, {
    nullable: true,
    description: 'Time limit of an attempt in seconds; never more than that of the target.',
  })
  timeoutSeconds?: number | null;
  @Field(() => String, {
    nullable: true,
    description:
      'Unique in the organization for 7 days, among jobs and batches: repeating a submission under it gives the same batch, a different input under it is IDEMPOTENCY_CONFLICT.',
  })
  idempotencyKey?: string | null;
}

const jsonText = (value: unknown): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value);

export const batchSubmissionOf = (
  input: SubmitBatchInput,
  organizationId: string,
  defaultTargetId: string,
): BatchSubmission => ({
  shared: {
    organizationId,
    name: input.name ?? 'batch',
    serviceVersionId: input.serviceVersionId ?? null,
    command: input.command == null ? null : commandOf(input.command),
    size: input.size ?? null,
    image: input.image ?? null,
    targetId: input.targetId ?? defaultTargetId,
    data: jsonText(input.data),
    dataArtifactId: input.dataArtifactId ?? null,
    params: jsonText(input.params),
    items: [null],
    priority: input.priority ?? 0,
    tags: input.tags ?? [],
    maxAttempts: input.maxAttempts ?? 1,
    timeoutSeconds: input.timeoutSeconds ?? null,
    startAt: null,
    deadline: null,
    idempotencyKey: input.idempotencyKey ?? null,
  },
  jobs: input.jobs.map((job) => ({
    name: job.name ?? null,
    data: jsonText(job.data),
    params: jsonText(job.params),
  })),
});
