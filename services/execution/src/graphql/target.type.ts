import type {
  JobKind,
  ServiceRuntime,
  TargetImage,
  TargetLimits,
  TargetSize,
  TargetStatus,
} from '@weft/contracts';
import { Directive, Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import { JobKindEnum, ServiceRuntimeEnum, TargetStatusEnum } from './enums.js';

@Directive('@key(fields: "id")')
@ObjectType('Provider', { description: 'Who runs jobs: this installation, or a third party.' })
export class ProviderType {
  @Field(() => ID, { description: 'Slug, e.g. `local`.' })
  id!: string;

  @Field(() => String, { description: 'Name for people.' })
  name!: string;

  @Field(() => String, { description: 'What this provider is.' })
  description!: string;
}

@ObjectType('TargetLimits', {
  description: 'What one run on a target may use; passing a limit ends the run with a code of its own.',
})
export class TargetLimitsType implements TargetLimits {
  @Field(() => Int, { description: 'Longest run in seconds (`TIMEOUT`).' })
  timeSeconds!: number;

  @Field(() => Float, {
    description: 'Memory in bytes; files that the run writes count too (`OUT_OF_MEMORY`).',
  })
  memoryBytes!: number;

  @Field(() => Int, { description: 'Processes and threads together (`PROCESS_LIMIT_EXCEEDED`).' })
  processes!: number;

  @Field(() => Float, { description: "Bytes on the run's own disk (`DISK_LIMIT_EXCEEDED`)." })
  diskBytes!: number;

  @Field(() => Float, { description: 'Bytes of log (`LOG_LIMIT_EXCEEDED`).' })
  logBytes!: number;

  @Field(() => Float, { description: 'Bytes of the result as JSON (`RESULT_TOO_LARGE`).' })
  resultBytes!: number;

  @Field(() => Int, { description: 'Items of a job that one attempt takes.' })
  itemsPerSlice!: number;

  @Field(() => Int, { description: 'Attempts that may run on the target at the same time.' })
  concurrentAttempts!: number;
}

@ObjectType('TargetSize', {
  description:
    'Hardware that a job may ask for by name: these take the place of the limits of the same names.',
})
export class TargetSizeType implements TargetSize {
  @Field(() => String, { description: 'What `SubmitJobInput.size` says, e.g. `small`.' })
  name!: string;

  @Field(() => String, { description: 'What it is good for.' })
  description!: string;

  @Field(() => Float, {
    description: "Processors at the most, held where the worker may use the kernel's cpu controller.",
  })
  cpus!: number;

  @Field(() => Float, {
    description: 'Memory in bytes; files that the run writes count too (`OUT_OF_MEMORY`).',
  })
  memoryBytes!: number;

  @Field(() => Int, { description: 'Processes and threads together (`PROCESS_LIMIT_EXCEEDED`).' })
  processes!: number;

  @Field(() => Float, { description: "Bytes on the run's own disk (`DISK_LIMIT_EXCEEDED`)." })
  diskBytes!: number;

  @Field(() => Int, { description: 'Longest run in seconds (`TIMEOUT`).' })
  timeSeconds!: number;
}

@ObjectType('TargetImage', { description: 'A profile of a target: what a run finds there.' })
export class TargetImageType implements TargetImage {
  @Field(() => String, { description: 'What `SubmitJobInput.image` says, e.g. `python`.' })
  name!: string;

  @Field(() => String, { description: 'What is there.' })
  description!: string;

  @Field(() => ServiceRuntimeEnum, {
    nullable: true,
    description: "The interpreter on the PATH; null: the system's programs only.",
  })
  runtime!: TargetImage['runtime'];
}

@Directive('@key(fields: "id")')
@ObjectType('Target', {
  description: 'What a job runs on, with what it accepts, its limits and its present state.',
})
export class TargetType {
  @Field(() => ID, { description: 'Slug, e.g. `local-process`.' })
  id!: string;

  @Field(() => String, { description: 'Name for people.' })
  name!: string;

  @Field(() => [JobKindEnum], { description: 'Kinds of job that it accepts.' })
  kinds!: JobKind[];

  @Field(() => [ServiceRuntimeEnum], {
    description: 'Languages of managed services that its workers can run.',
  })
  runtimes!: ServiceRuntime[];

  @Field(() => TargetLimitsType, { description: 'What one run may use.' })
  limits!: TargetLimits;

  @Field(() => [TargetSizeType], {
    description: 'Hardware that a job may ask for by `size`; without one it gets `limits`.',
  })
  sizes!: TargetSize[];

  @Field(() => [TargetImageType], {
    description: 'What a run may find there, by `image`; a command without one gets the first.',
  })
  images!: TargetImage[];

  @Field(() => Boolean, {
    description:
      'Whether a run that has started can be cancelled; if not, a cancellation waits for its end, and what it gives by then counts.',
  })
  cancelsRunning!: boolean;

  @Field(() => TargetStatusEnum, { description: 'Whether it can run jobs now.' })
  status!: TargetStatus;

  @Field(() => String, {
    nullable: true,
    description: 'What is missing or weaker than it should be; null when all is well.',
  })
  statusReason!: string | null;

  providerId!: string;
}

@InputType('TargetFilter', { description: 'Only targets that fit all that is given.' })
export class TargetFilterInput {
  @Field(() => ID, { nullable: true, description: 'Of this provider.' })
  providerId?: string | null;

  @Field(() => TargetStatusEnum, { nullable: true, description: 'In this state.' })
  status?: TargetStatus | null;

  @Field(() => JobKindEnum, { nullable: true, description: 'Accepting this kind of job.' })
  kind?: JobKind | null;
}
