import type { JobKind, JobState } from '@weft/contracts';
import { graphqlEnum, UserErrorType } from '@weft/subgraph';
import { GraphQLJSON } from 'graphql-scalars';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { RecordAction } from '../domain/job-record.js';
import { JobKindEnum, JobStateEnum } from './job-enums.js';
import { JobType, TransitionActorType } from './job.type.js';
import { connection } from './paging.js';

export const JobRecordActionEnum = graphqlEnum<RecordAction>(
  'JobRecordAction',
  'What was done to the record of a job.',
  {
    UPDATED: 'Name, description, priority or tags were changed.',
    TRANSFERRED: 'It was given to another organization.',
    DELETED: 'It was deleted; only the tombstone is left.',
    DISMISSED: 'It was dismissed as a dead letter; the reason is among the changes.',
  },
);

@ObjectType('FieldChange', { description: 'One field before and after a change.' })
export class FieldChangeType {
  @Field(() => String, { description: 'Name of the field.' })
  field!: string;
  @Field(() => GraphQLJSON, { nullable: true, description: 'Its value before.' })
  from!: unknown;
  @Field(() => GraphQLJSON, { nullable: true, description: 'Its value after.' })
  to!: unknown;
}

@ObjectType('JobAuditEntry', { description: 'One change of the record of a job, beside its lifecycle.' })
export class JobAuditEntryType {
  @Field(() => Int, { description: 'Counts the changes of the job from 1.' })
  number!: number;
  @Field(() => Date, { description: 'When, by the clock of the database.' })
  at!: Date;
  @Field(() => TransitionActorType, { description: 'Who.' })
  actor!: TransitionActorType;
  @Field(() => JobRecordActionEnum, { description: 'What.' })
  action!: RecordAction;
  @Field(() => [FieldChangeType], { description: 'Which fields, from what to what.' })
  changes!: FieldChangeType[];
}

@ObjectType('DeletedJob', { description: 'What is left of a job that was deleted.' })
export class DeletedJobType {
  @Field(() => ID, { description: 'The id that the job had; its provenance still names it.' })
  id!: string;
  @Field(() => ID, { description: 'Id of the organization that owned it.' })
  organizationId!: string;
  @Field(() => String, { description: 'Its name.' })
  name!: string;
  @Field(() => JobKindEnum, { description: 'What it ran.' })
  kind!: JobKind;
  @Field(() => JobStateEnum, { description: 'Its final state.' })
  state!: JobState;
  @Field(() => ID, { description: 'Id of the user who submitted it.' })
  createdBy!: string;
  @Field(() => ID, { nullable: true, description: 'Id of the job of which it was a retry.' })
  retryOf!: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the version of the service that it ran.' })
  serviceVersionId!: string | null;
  @Field(() => String, { nullable: true, description: 'SHA-256 of its data.' })
  dataSha256!: string | null;
  @Field(() => String, { nullable: true, description: 'SHA-256 of its params.' })
  paramsSha256!: string | null;
  @Field(() => Date, { description: 'When it was accepted.' })
  submittedAt!: Date;
  @Field(() => Date, { description: 'When it became final.' })
  endedAt!: Date;
  @Field(() => Date, { description: 'When it was deleted.' })
  deletedAt!: Date;
  @Field(() => String, { description: 'Id of the user who deleted it, or `retention`.' })
  deletedBy!: string;
}

export const JobAuditConnectionType = connection(
  'JobAuditEntry',
  () => JobAuditEntryType,
  'audit record',
).connection;
export const DeletedJobConnectionType = connection(
  'DeletedJob',
  () => DeletedJobType,
  'deleted job',
).connection;

@InputType('UpdateJobInput', { description: 'What to change of a job; what is left out stays as it is.' })
export class UpdateJobInput {
  @Field(() => ID, { description: 'Id of the job.' })
  id!: string;
  @Field(() => String, { nullable: true, description: 'Display name, 1 to 200 characters.' })
  name?: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'What it is for, up to 2048 characters; empty removes it.',
  })
  description?: string | null;
  @Field(() => Int, {
    nullable: true,
    description:
      'From -100 to 100; a job that waits moves in the queue at once. Refused when the job has ended.',
  })
  priority?: number | null;
  @Field(() => [String], { nullable: true, description: 'All of its tags from now on, up to 20.' })
  tags?: string[] | null;
}

@InputType('DeleteJobInput', { description: 'Which job to delete.' })
export class DeleteJobInput {
  @Field(() => ID, { description: 'Id of a job that has ended.' })
  id!: string;
}

@InputType('TransferJobInput', { description: 'Which job to give to whom.' })
export class TransferJobInput {
  @Field(() => ID, { description: 'Id of a job that has ended.' })
  id!: string;
  @Field(() => ID, { description: 'The organization that owns it from now on.' })
  organizationId!: string;
}

@InputType('SetJobRetentionInput', { description: 'How long an organization keeps its final jobs.' })
export class SetJobRetentionInput {
  @Field(() => ID, { description: 'The organization.' })
  organizationId!: string;
  @Field(() => Int, {
    nullable: true,
    description: 'Days after their end, 1 to 36500; null keeps them. Older ones are deleted within hours.',
  })
  days?: number | null;
}

@ObjectType('JobRecordPayload', { description: 'The job after the change, or why it was refused.' })
export class JobRecordPayload {
  @Field(() => JobType, { nullable: true, description: 'The job; null when `userErrors` says why.' })
  job!: JobType | null;
  @Field(() => [UserErrorType], { description: 'Everything that is wrong with the input.' })
  userErrors!: UserErrorType[];
}

@ObjectType('DeleteJobPayload', { description: 'What was deleted, or why it was refused.' })
export class DeleteJobPayload {
  @Field(() => ID, { nullable: true, description: 'Id of the job that is gone.' })
  deletedJobId!: string | null;
  @Field(() => [UserErrorType], {
    description: 'JOB_NOT_FINAL while it has not ended; CONFLICT while a retry holds results of it.',
  })
  userErrors!: UserErrorType[];
}

@ObjectType('SetJobRetentionPayload', { description: 'The policy from now on, or why it was refused.' })
export class SetJobRetentionPayload {
  @Field(() => Int, { nullable: true, description: 'Days; null: jobs are kept.' })
  days!: number | null;
  @Field(() => [UserErrorType], { description: 'Everything that is wrong with the input.' })
  userErrors!: UserErrorType[];
}
