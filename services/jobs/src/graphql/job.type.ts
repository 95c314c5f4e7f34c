import type { AttemptOutcome, JobKind, JobState } from '@weft/contracts';
import { GraphQLJSON } from 'graphql-scalars';
import { Directive, Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { Job } from '../domain/job.js';
import type { Phase } from '../domain/roll-up.js';
import { connection } from './paging.js';
import { AttemptOutcomeEnum, JobKindEnum, JobStateEnum, PhaseEnum } from './job-enums.js';

@ObjectType('ItemCounts', { description: 'How many items of a job are in each state.' })
export class ItemCountsType {
  @Field(() => Int, { description: 'All of them, 1 to 300.' })
  total!: number;
  @Field(() => Int, { description: 'Waiting.' })
  pending!: number;
  @Field(() => Int, { description: 'Claimed, not started.' })
  dequeued!: number;
  @Field(() => Int, { description: 'Running.' })
  inProgress!: number;
  @Field(() => Int, { description: 'Asked to cancel.' })
  cancelling!: number;
  @Field(() => Int, { description: 'Succeeded.' })
  succeeded!: number;
  @Field(() => Int, { description: 'Failed.' })
  failed!: number;
  @Field(() => Int, { description: 'Cancelled.' })
  cancelled!: number;
}

@ObjectType('JobError', { description: 'Why an item failed.' })
export class JobErrorType {
  @Field(() => String, {
    description: 'Stable code, e.g. SERVICE_EXCEPTION, TIMEOUT, OUT_OF_MEMORY, WORKER_LOST.',
  })
  code!: string;
  @Field(() => String, {
    description: 'What happened, for people; the traceback of user code is in the log.',
  })
  message!: string;
}

@ObjectType('TransitionActor', { description: 'Who caused a transition.' })
export class TransitionActorType {
  @Field(() => String, { description: '`user`, `worker` or `system`.' })
  kind!: string;
  @Field(() => String, { description: 'Id of the user or worker, or the name of the part of the platform.' })
  id!: string;
}

@ObjectType('ItemMove', { description: 'Neighbouring items that went the same way together.' })
export class ItemMoveType {
  @Field(() => Int, { description: 'Index of the first item, from 0.' })
  first!: number;
  @Field(() => Int, { description: 'Index of the last item.' })
  last!: number;
  @Field(() => JobStateEnum, {
    nullable: true,
    description: 'Where they came from; null when they came into being.',
  })
  from!: JobState | null;
  @Field(() => JobStateEnum, { description: 'Where they went.' })
  to!: JobState;
}

@ObjectType('JobTransition', {
  description: 'One step in the history of a job; `seq` counts from 1 without gaps.',
})
export class JobTransitionType {
  @Field(() => Int, { description: 'Position in the history of the job, from 1.' })
  seq!: number;
  @Field(() => Date, { description: 'When, by the clock of the database.' })
  at!: Date;
  @Field(() => String, {
    description: 'Why, e.g. SUBMITTED, CLAIMED, STARTED, LEASE_LOST, RETRYING, CANCEL_REQUESTED.',
  })
  cause!: string;
  @Field(() => TransitionActorType, { description: 'Who caused it.' })
  actor!: TransitionActorType;
  @Field(() => JobStateEnum, { nullable: true, description: 'State of the job before; null for the first.' })
  from!: JobState | null;
  @Field(() => JobStateEnum, {
    description: 'State of the job after; equal to `from` when only items moved.',
  })
  to!: JobState;
  @Field(() => String, { nullable: true, description: 'While PENDING: what it waits for.' })
  reason!: string | null;
  @Field(() => Int, { nullable: true, description: 'Number of the attempt concerned.' })
  attempt!: number | null;
  @Field(() => [ItemMoveType], { description: 'Which items moved.' })
  items!: ItemMoveType[];
  @Field(() => String, { nullable: true, description: 'More, for people.' })
  message!: string | null;
}

@Directive('@key(fields: "id")')
@ObjectType('JobItem', { description: 'One of up to 300 units inside a job; a plain job has one.' })
export class JobItemType {
  @Field(() => ID, { description: '`<job id>:<index>`.' })
  id!: string;
  @Field(() => Int, { description: 'Position in the job, from 0.' })
  index!: number;
  @Field(() => JobStateEnum, { description: 'Where it stands.' })
  state!: JobState;
  @Field(() => Int, { nullable: true, description: 'Number of the attempt that holds or last held it.' })
  attempt!: number | null;
  @Field(() => Int, { description: 'How often it failed so far; the limit is `Job.maxAttempts`.' })
  failures!: number;
  @Field(() => Int, { description: 'How many workers it lost; after three it ends FAILED.' })
  losses!: number;
  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'Result by value, up to 128 KB of JSON; larger ones are `resultArtifact`.',
  })
  result!: unknown;
  resultArtifactId!: string | null;
  @Field(() => JobErrorType, { nullable: true, description: 'Why it failed.' })
  error!: JobErrorType | null;
  @Field(() => Boolean, { description: 'The result came over from the job that this one retries.' })
  carriedOver!: boolean;
  @Field(() => Date, { nullable: true, description: 'When its last attempt started.' })
  startedAt!: Date | null;
  @Field(() => Date, { nullable: true, description: 'When it ended.' })
  endedAt!: Date | null;
}

@Directive('@key(fields: "id")')
@ObjectType('Attempt', { description: 'One try at running a slice of the items of a job.' })
export class AttemptType {
  @Field(() => ID, { description: '`<job id>:<number>`.' })
  id!: string;
  @Field(() => Int, { description: 'Counts the attempts of the job from 1.' })
  number!: number;
  @Field(() => String, { description: 'Id of the worker.' })
  workerId!: string;
  @Field(() => [Int], { description: 'Indexes of the items in its slice.' })
  items!: number[];
  @Field(() => AttemptOutcomeEnum, { description: 'How it ended, or RUNNING.' })
  outcome!: AttemptOutcome;
  @Field(() => Float, { nullable: true, description: 'How far it says to be, 0 to 1.' })
  progress!: number | null;
  @Field(() => String, { nullable: true, description: 'What it says to be doing.' })
  progressMessage!: string | null;
  @Field(() => Date, { description: 'When the worker claimed it.' })
  claimedAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When it started to run.' })
  startedAt!: Date | null;
  @Field(() => Date, { nullable: true, description: 'When it ended.' })
  endedAt!: Date | null;
  @Field(() => Date, { description: 'Until when it is held without a further word of its worker.' })
  leaseUntil!: Date;
}

@Directive('@key(fields: "id")')
@ObjectType('Job', {
  description:
    'One run of something, with a lifecycle. Once final, its state, results, times and attempts are frozen for ever.',
})
export class JobType {
  /** What the field resolvers read; not part of the graph. */
  source!: Job;
  @Field(() => ID, { description: 'Id of the job, a UUID that sorts by time.' })
  id!: string;
  @Field(() => String, { description: 'Display name, 1 to 200 characters; not unique.' })
  name!: string;
  @Field(() => JobKindEnum, { description: 'What it runs.' })
  kind!: JobKind;
  @Field(() => String, {
    nullable: true,
    description:
      'What the registry does in a job of its own, e.g. REGISTER_CREATE_ACTIVITY; an open vocabulary. Null for jobs of other kinds.',
  })
  operation!: string | null;
  @Field(() => JobStateEnum, { description: 'The roll-up of its items.' })
  state!: JobState;
  @Field(() => PhaseEnum, { description: 'The state for clients that need no more.' })
  phase!: Phase;
  @Field(() => String, {
    nullable: true,
    description:
      'While PENDING: QUEUED, SCHEDULED, WAITING_FOR_REFERENCE, WAITING_FOR_JOBS (the needs of its workflow step) or RETRYING; an open vocabulary. `queue` says more of QUEUED, SCHEDULED and RETRYING.',
  })
  reason!: string | null;
  @Field(() => Int, {
    description: 'Version of the job: the `seq` of its last transition. Resume `jobChanged` with it.',
  })
  seq!: number;
  @Field(() => Int, { description: 'From -100 to 100; higher is claimed first.' })
  priority!: number;
  @Field(() => [String], { description: 'Up to 20 tags.' })
  tags!: string[];
  @Field(() => Int, {
    description:
      'How often each item is tried at the most. What would only fail in the same way (e.g. RESULT_TOO_LARGE, SERVICE_INVALID, or as its worker says) is not tried again.',
  })
  maxAttempts!: number;
  @Field(() => Int, {
    nullable: true,
    description: 'Time limit of an attempt in seconds; null: the limit of the target.',
  })
  timeoutSeconds!: number | null;
  @Field(() => Date, { nullable: true, description: 'It was not to start before this time.' })
  startAt!: Date | null;
  @Field(() => Date, { nullable: true, description: 'What has not ended by this time fails.' })
  deadline!: Date | null;
  @Field(() => ItemCountsType, { description: 'How many items are in each state.' })
  itemCounts!: ItemCountsType;
  @Field(() => String, {
    description: 'Id that every log line of this job carries, from the request to the worker.',
  })
  correlationId!: string;
  @Field(() => Date, { nullable: true, description: 'When cancellation was requested.' })
  cancelRequestedAt!: Date | null;
  @Field(() => Date, { description: 'When it was accepted.' })
  submittedAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When a worker first claimed it.' })
  dequeuedAt!: Date | null;
  @Field(() => Date, { nullable: true, description: 'When it first started to run.' })
  startedAt!: Date | null;
  @Field(() => Date, { nullable: true, description: 'When it became final.' })
  endedAt!: Date | null;
}

@ObjectType('JobChanged', {
  description:
    'What happened to a job since the last payload. The last payload carries the final state, then the field completes.',
})
export class JobChangedType {
  @Field(() => Int, { description: 'Position to resume from: pass it as `after`.' })
  seq!: number;
  @Field(() => [JobTransitionType], {
    description: 'Every transition since the last payload, in order, none missed.',
  })
  transitions!: JobTransitionType[];
  @Field(() => JobType, { description: 'The job as it is now.' })
  job!: JobType;
}

export const JobConnectionType = connection('Job', () => JobType, 'job').connection;
export const JobItemConnectionType = connection('JobItem', () => JobItemType, 'item').connection;
export const JobTransitionConnectionType = connection(
  'JobTransition',
  () => JobTransitionType,
  'transition',
).connection;
