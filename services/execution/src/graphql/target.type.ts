import type { JobKind, ServiceRuntime, TargetLimits, TargetStatus } from '@weft/contracts';
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

  @Field(() => Boolean, {
    description: 'Whether a run that has started can be cancelled; if not, a cancellation waits for its end.',
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
