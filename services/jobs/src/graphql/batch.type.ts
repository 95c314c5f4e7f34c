import type { JobState } from '@weft/contracts';
import { Directive, Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { endedAtOf, progressOf, stateOfBatch, type Batch } from '../domain/batch.js';
import { phaseOf, type Phase } from '../domain/roll-up.js';
import { JobStateEnum, PhaseEnum } from './job-enums.js';
import { connection } from './paging.js';
import { OrganizationRef, UserRef } from './references.js';

@ObjectType('BatchCounts', {
  description:
    'How many jobs of a batch or workflow are in each state and phase. Of a job and its retries the latest one counts, so the states add up to `total`.',
})
export class BatchCountsType {
  @Field(() => Int, { description: 'All of them, 1 to 10 000.' })
  total!: number;
  @Field(() => Int, { description: 'In state PENDING: phase WAITING.' })
  pending!: number;
  @Field(() => Int, { description: 'Claimed, not started.' })
  dequeued!: number;
  @Field(() => Int, { description: 'Running.' })
  inProgress!: number;
  @Field(() => Int, { description: 'Asked to cancel.' })
  cancelling!: number;
  @Field(() => Int, { description: 'In phase ACTIVE: with a worker, in any of the three states before.' })
  active!: number;
  @Field(() => Int, { description: 'Succeeded.' })
  succeeded!: number;
  @Field(() => Int, { description: 'Failed.' })
  failed!: number;
  @Field(() => Int, { description: 'Cancelled.' })
  cancelled!: number;
}

/** What a batch and a workflow have in common. */
@ObjectType()
export class JobGroupType {
  readonly source!: Batch;

  @Field(() => ID, { description: 'Its id.' })
  id!: string;
  @Field(() => String, { description: 'Display name.' })
  name!: string;
  @Field(() => OrganizationRef, { nullable: true, description: 'The organization that owns it.' })
  owner!: OrganizationRef;
  @Field(() => UserRef, { nullable: true, description: 'Who submitted it.' })
  createdBy!: UserRef;
  @Field(() => JobStateEnum, {
    description:
      'What its jobs add up to, as a job’s state is what its items add up to. Final until one of its jobs is retried.',
  })
  state!: JobState;
  @Field(() => PhaseEnum, { description: 'The state for clients that need no more.' })
  phase!: Phase;
  @Field(() => Int, {
    description: 'Grows with every change of a job; position for the live field that follows it.',
  })
  seq!: number;
  @Field(() => BatchCountsType, { description: 'Its jobs by state and phase.' })
  counts!: BatchCountsType;
  @Field(() => Float, { description: 'Share of its jobs that have ended, from 0 to 1.' })
  progress!: number;
  @Field(() => String, {
    description: 'Correlation id of the request that submitted it, found in every log line.',
  })
  correlationId!: string;
  @Field(() => Date, { description: 'When it was accepted, by the clock of the database.' })
  submittedAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When the first of its jobs started.' })
  startedAt!: Date | null;
  @Field(() => Date, {
    nullable: true,
    description: 'When the last of its jobs ended; null while one is open.',
  })
  endedAt!: Date | null;
  @Field(() => Date, { nullable: true, description: 'When cancellation was last asked for.' })
  cancelRequestedAt!: Date | null;
}

@Directive('@key(fields: "id")')
@ObjectType('Batch', { description: 'Jobs that were submitted together, and what they add up to.' })
export class BatchType extends JobGroupType {}

export const BatchConnectionType = connection('Batch', () => BatchType, 'batch').connection;

@ObjectType('BatchChanged', { description: 'A batch as it is after a change.' })
export class BatchChangedType {
  @Field(() => Int, {
    description: 'Position of this payload; pass the last one as `after` to go on from there.',
  })
  seq!: number;
  @Field(() => BatchType, { description: 'The batch with its counts.' })
  batch!: BatchType;
}

export function presentBatch(batch: Batch): BatchType {
  const { counts } = batch;
  const state = stateOfBatch(batch);
  return {
    source: batch,
    id: batch.id,
    name: batch.name,
    owner: { id: batch.organizationId },
    createdBy: { id: batch.createdBy },
    state,
    phase: phaseOf(state),
    seq: batch.seq,
    counts: {
      total: batch.jobsTotal,
      pending: counts.PENDING,
      dequeued: counts.DEQUEUED,
      inProgress: counts.IN_PROGRESS,
      cancelling: counts.CANCELLING,
      active: counts.DEQUEUED + counts.IN_PROGRESS + counts.CANCELLING,
      succeeded: counts.SUCCEEDED,
      failed: counts.FAILED,
      cancelled: counts.CANCELLED,
    },
    progress: progressOf(batch),
    correlationId: batch.correlationId,
    submittedAt: batch.submittedAt,
    startedAt: batch.startedAt,
    endedAt: endedAtOf(batch),
    cancelRequestedAt: batch.cancelRequestedAt,
  };
}
