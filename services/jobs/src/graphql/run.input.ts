// What every way of submitting a job may say of how and where it runs; said once, so that it says the same everywhere.
import type { Actor } from '@weft/identity';
import { Field, ID, InputType, Int } from 'type-graphql';
import { principalsOfActor } from '../application/find-pools.js';
import type { DataPoolFileRef } from '../domain/data-pool-file.js';
import type { ResultPoolName } from '../domain/definition/definition.js';
import type { Submission } from '../domain/submission.js';
import { CommandInput, commandOf } from './command.input.js';

@InputType('DataPoolFileReference', {
  description: 'A file of a data pool, by name or by the id of one version: give one of the two.',
})
export class DataPoolFileReferenceInput {
  @Field(() => ID, {
    description:
      'Id of the pool: one of the organization of the job, or one that grants this organization as a whole, or everyone, DATA_READ.',
  })
  dataPoolId!: string;
  @Field(() => String, {
    nullable: true,
    description:
      'Name of the file: its last version when the job is submitted, or started from its definition.',
  })
  name?: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of one version of the file.' })
  fileId?: string | null;
}

@InputType('ResultPoolInput', { description: 'The data pool that is to keep the results of a job.' })
export class ResultPoolInput {
  @Field(() => ID, {
    description:
      'Id of the pool. Whoever submits or starts the job needs the role DATA_WRITE on it (else FORBIDDEN; what was granted a moment ago is waited for, up to 10 s), and it must take files: DATA_POOL_SEALED when it is sealed, DATA_POOL_LOCKED while its release is asked for or given. A schedule has the rights of the user as whom it runs and of a MAINTAINER of its organization, those of teams not.',
  })
  dataPoolId!: string;
  @Field(() => String, {
    description:
      'Name of the file of each result, up to 500 characters once it is filled in: `{jobId}`, `{index}` (of the item, from 0) and `{name}` (of the job, with `_` for slashes) are replaced, `/` parts folders. A name that is taken becomes the next version of that file. A job of several items needs `{index}`, a batch `{jobId}` or `{name}`.',
  })
  name!: string;
}

@InputType()
export class RunSettings {
  @Field(() => DataPoolFileReferenceInput, {
    nullable: true,
    description:
      'Data by reference to a file of a data pool; instead of `data` and `dataArtifactId`. One that is not known yet is waited for, up to 10 s: then REFERENCE_UNKNOWN. A definition looks it up at each start, and does not wait.',
  })
  dataPoolFile?: DataPoolFileReferenceInput | null;
  @Field(() => ResultPoolInput, {
    nullable: true,
    description:
      'The data pool into which each result is put when the job has SUCCEEDED, as a file that is that result (`Job.savedResults` tells what came of it). The right to do so is judged now and again then; a job of which nothing could be saved stays SUCCEEDED. Results by value are stored as JSON files, too.',
  })
  resultPool?: ResultPoolInput | null;
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
  @Field(() => ID, {
    nullable: true,
    description: 'Target to run on; that of the setting JOBS_DEFAULT_TARGET (`local-process`) when left out.',
  })
  targetId?: string | null;
  @Field(() => ID, {
    nullable: true,
    description: 'Data by reference to an uploaded artifact; instead of `data`.',
  })
  dataArtifactId?: string | null;
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
    description:
      'Time limit of an attempt in seconds; never more than that of the target, which holds when left out.',
  })
  timeoutSeconds?: number | null;
}

@InputType()
export class RunInput extends RunSettings {
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
}

export const jsonText = (value: unknown): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value);

export const poolFileOf = ({ dataPoolId, name, fileId }: DataPoolFileReferenceInput): DataPoolFileRef => ({
  dataPoolId,
  name: name ?? null,
  fileId: fileId ?? null,
});

export const resultPoolOf = ({ dataPoolId, name }: ResultPoolInput): ResultPoolName => ({
  dataPoolId,
  name,
});

type Run = Omit<Submission, 'organizationId' | 'name' | 'items' | 'idempotencyKey' | 'webhook'>;

/**
 * What is left out takes its default.
 * @param actor who submits it.
 */
export const runOf = (
  input: RunInput & { readonly data?: unknown; readonly params?: unknown },
  defaultTargetId: string,
  actor: Actor,
): Run => ({
  serviceVersionId: input.serviceVersionId ?? null,
  command: input.command == null ? null : commandOf(input.command),
  size: input.size ?? null,
  image: input.image ?? null,
  targetId: input.targetId ?? defaultTargetId,
  data: jsonText(input.data),
  dataArtifactId: input.dataArtifactId ?? null,
  ...(input.dataPoolFile == null ? {} : { dataPoolFile: poolFileOf(input.dataPoolFile) }),
  ...(input.resultPool == null
    ? {}
    : { resultPool: { ...resultPoolOf(input.resultPool), principals: principalsOfActor(actor) } }),
  params: jsonText(input.params),
  priority: input.priority ?? 0,
  tags: input.tags ?? [],
  maxAttempts: input.maxAttempts ?? 1,
  timeoutSeconds: input.timeoutSeconds ?? null,
  startAt: input.startAt ?? null,
  deadline: input.deadline ?? null,
});
