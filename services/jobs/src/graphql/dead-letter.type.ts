import { PageInfoType, UserErrorType } from '@weft/subgraph';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { RetryItems } from '../application/succeed-jobs.js';
import { RetryItemsEnum } from './job-enums.js';
import { JobFilterInput } from './job-filter.input.js';
import { JobErrorType, JobType } from './job.type.js';

@ObjectType('DeadLetter', { description: 'A job that ended FAILED and that nobody has dealt with.' })
export class DeadLetterType {
  @Field(() => JobType, { description: 'The job.' })
  job!: JobType;
  @Field(() => JobErrorType, { nullable: true, description: 'Why its first failed item failed.' })
  error!: JobErrorType | null;
  @Field(() => Int, { description: 'How many of its items failed.' })
  failedItems!: number;
  @Field(() => Int, { description: 'How many attempts it had; 0 when it failed before the first.' })
  attempts!: number;
  @Field(() => Int, { description: 'How many workers its items lost, all together.' })
  losses!: number;
  @Field(() => Date, { description: 'When it ended.' })
  endedAt!: Date;
}

@ObjectType('DeadLetterEdge', { description: 'One dead letter in a list.' })
export class DeadLetterEdgeType {
  @Field(() => String, { description: 'Opaque position; pass it as `after`.' })
  cursor!: string;
  @Field(() => DeadLetterType, { description: 'The dead letter.' })
  node!: DeadLetterType;
}

@ObjectType('DeadLetterConnection', { description: 'A page of a list of dead letters.' })
export class DeadLetterConnectionType {
  @Field(() => [DeadLetterEdgeType], { description: 'The rows of the page.' })
  edges!: DeadLetterEdgeType[];
  @Field(() => PageInfoType, { description: 'Where the page ends.' })
  pageInfo!: PageInfoType;
}

const IDS = 'These jobs, up to 500; those that are no dead letters, or none of yours, are passed over.';
const FILTER =
  'All of your dead letters that meet this, the latest first; an empty filter means all of them but those of kind REGISTRATION.';
const DRY_RUN = 'Only counts them. False when left out.';

@InputType('RequeueDeadLettersInput', {
  description: 'Which dead letters to run again: either `ids` or `filter`.',
})
export class RequeueDeadLettersInput {
  @Field(() => [ID], { nullable: true, description: IDS })
  ids?: string[] | null;
  @Field(() => JobFilterInput, { nullable: true, description: FILTER })
  filter?: JobFilterInput | null;
  @Field(() => RetryItemsEnum, { nullable: true, description: 'FAILED when left out.' })
  items?: RetryItems | null;
  @Field(() => Boolean, { nullable: true, description: DRY_RUN })
  dryRun?: boolean | null;
}

@InputType('DismissDeadLettersInput', {
  description: 'Which dead letters to put away: either `ids` or `filter`.',
})
export class DismissDeadLettersInput {
  @Field(() => [ID], { nullable: true, description: IDS })
  ids?: string[] | null;
  @Field(() => JobFilterInput, { nullable: true, description: FILTER })
  filter?: JobFilterInput | null;
  @Field(() => String, { description: 'Why, 1 to 500 characters; it is kept in `Job.audit`.' })
  reason!: string;
  @Field(() => Boolean, { nullable: true, description: DRY_RUN })
  dryRun?: boolean | null;
}

const COUNT =
  'up to 10 000 in a request, or as many as it takes ten seconds for; in a dry run how many would be.';
const MORE = 'There may be more: send the request again. What was dealt with is no dead letter any more.';
const UNKNOWN =
  'Those of `ids` that are no dead letters of yours: there is no such job, it did not end FAILED, or somebody has dealt with it.';

@ObjectType('RefusedDeadLetter', {
  description: 'A dead letter that cannot run again as it is; it stays one.',
})
export class RefusedDeadLetterType {
  @Field(() => ID, { description: 'Id of the job.' })
  jobId!: string;
  @Field(() => UserErrorType, { description: 'What is in the way.' })
  error!: UserErrorType;
}

@ObjectType('RequeueDeadLettersPayload', { description: 'How many jobs run again, or why none.' })
export class RequeueDeadLettersPayload {
  @Field(() => Int, { description: `How many got a successor (\`Job.retries\`), ${COUNT}` })
  jobs!: number;
  @Field(() => [ID], { description: UNKNOWN })
  unknown!: string[];
  @Field(() => Boolean, { description: MORE })
  more!: boolean;
  @Field(() => [RefusedDeadLetterType], {
    description:
      'Those that cannot run again, for what they name is gone; after 100 of them the request ends.',
  })
  refused!: RefusedDeadLetterType[];
  @Field(() => [UserErrorType], {
    description: 'QUEUE_FULL when the queue had no room for more than `jobs`; FORBIDDEN, BAD_USER_INPUT.',
  })
  userErrors!: UserErrorType[];
}

@ObjectType('DismissDeadLettersPayload', { description: 'How many dead letters were put away, or why none.' })
export class DismissDeadLettersPayload {
  @Field(() => Int, { description: `How many were dismissed, ${COUNT}` })
  jobs!: number;
  @Field(() => [ID], { description: UNKNOWN })
  unknown!: string[];
  @Field(() => Boolean, { description: MORE })
  more!: boolean;
  @Field(() => [UserErrorType], { description: 'FORBIDDEN, or BAD_USER_INPUT with the field.' })
  userErrors!: UserErrorType[];
}
