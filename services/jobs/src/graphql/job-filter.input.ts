import type { JobKind, JobState } from '@weft/contracts';
import { JOB_STATES } from '@weft/contracts';
import { AppError, userError, type UserError } from '@weft/errors';
import { graphqlEnum } from '@weft/subgraph';
import { Field, ID, InputType } from 'type-graphql';
import type { JobFilter, JobGrouping, JobOrder } from '../application/job-list.js';
import { phaseOf, type Phase } from '../domain/roll-up.js';
import { JobKindEnum, JobStateEnum, PhaseEnum } from './job-enums.js';

export const JobOrderEnum = graphqlEnum<JobOrder>('JobOrder', 'How a list of jobs is ordered.', {
  NEWEST: 'By submission, the latest first.',
  OLDEST: 'By submission, the earliest first.',
  LAST_ENDED: 'By end, the latest first; only final jobs.',
});

export const JobGroupingEnum = graphqlEnum<JobGrouping>('JobGrouping', 'What jobs are counted by.', {
  STATE: 'By state.',
  PHASE: 'By phase.',
  KIND: 'By kind.',
  TARGET: 'By id of the target.',
  DEFINITION: 'By id of the job definition; the empty key stands for jobs of none.',
  ORGANIZATION: 'By id of the owner.',
  DAY: 'By day of submission in UTC, as 2026-11-21.',
});

@InputType('JobFilter', {
  description:
    'Which jobs; every given condition must hold. Organization, one state or phase but SUCCEEDED, service, definition and the time that the list is ordered by are found by index; for the others a page looks at 10 000 jobs, and at as many again until it is full or about 100 ms have passed: it may have fewer rows than asked for, even none; while `hasNextPage`, `endCursor` goes on.',
})
export class JobFilterInput {
  @Field(() => ID, { nullable: true, description: 'Owned by this organization; all of yours when left out.' })
  organizationId?: string | null;
  @Field(() => [JobStateEnum], {
    nullable: true,
    description: 'In one of these states; all when left out or empty.',
  })
  states?: JobState[] | null;
  @Field(() => [PhaseEnum], {
    nullable: true,
    description: 'In one of these phases; all when left out or empty.',
  })
  phases?: Phase[] | null;
  @Field(() => [JobKindEnum], {
    nullable: true,
    description:
      'Of one of these kinds; all but REGISTRATION when left out or empty. Jobs of that kind are taken only where it is named here, or their batch or workflow by `batchId`.',
  })
  kinds?: JobKind[] | null;
  @Field(() => ID, { nullable: true, description: 'On this target.' })
  targetId?: string | null;
  @Field(() => ID, { nullable: true, description: 'Of any version of this service.' })
  serviceId?: string | null;
  @Field(() => ID, { nullable: true, description: 'Of this version of a service.' })
  serviceVersionId?: string | null;
  @Field(() => ID, { nullable: true, description: 'Started from this job definition.' })
  definitionId?: string | null;
  @Field(() => ID, {
    nullable: true,
    description: 'Submitted with this batch or workflow, or a retry of such a job.',
  })
  batchId?: string | null;
  @Field(() => ID, { nullable: true, description: 'Submitted by this user.' })
  createdBy?: string | null;
  @Field(() => [String], { nullable: true, description: 'With all of these tags, up to 20.' })
  tags?: string[] | null;
  @Field(() => String, {
    nullable: true,
    description:
      'Every word of it, up to 10, is somewhere in name, description or tags, in any case; up to 200 characters.',
  })
  text?: string | null;
  @Field(() => Date, { nullable: true, description: 'Submitted at this time or later.' })
  submittedAfter?: Date | null;
  @Field(() => Date, { nullable: true, description: 'Submitted before this time.' })
  submittedBefore?: Date | null;
  @Field(() => Date, { nullable: true, description: 'First started at this time or later.' })
  startedAfter?: Date | null;
  @Field(() => Date, { nullable: true, description: 'First started before this time.' })
  startedBefore?: Date | null;
  @Field(() => Date, { nullable: true, description: 'Ended at this time or later.' })
  endedAfter?: Date | null;
  @Field(() => Date, { nullable: true, description: 'Ended before this time.' })
  endedBefore?: Date | null;
}

const given = <T>(value: T | null | undefined): T | undefined => value ?? undefined;
const some = <T>(values: readonly T[] | null | undefined): readonly T[] | undefined =>
  values == null || values.length === 0 ? undefined : values;

/** What of a filter in the input of a mutation is longer than documented. */
export function checkFilter(input: JobFilterInput | null | undefined): UserError[] {
  const refuse = (message: string, field: string): UserError[] => [
    userError('BAD_USER_INPUT', message, 'input', 'filter', field),
  ];
  return [
    ...((input?.text?.length ?? 0) > 200
      ? refuse('A filter has at most 200 characters of text.', 'text')
      : []),
    ...((input?.tags?.length ?? 0) > 20 ? refuse('A filter has at most 20 tags.', 'tags') : []),
  ];
}

/** Throws BAD_USER_INPUT for what is longer than documented; mutations ask `checkFilter` before. */
export function filterOf(input: JobFilterInput | null | undefined): JobFilter {
  if (input == null) return {};
  const [wrong] = checkFilter(input);
  if (wrong !== undefined) throw new AppError('BAD_USER_INPUT', wrong.message, { argument: 'filter' });
  return {
    organizationId: given(input.organizationId),
    states: statesOf(some(input.states), some(input.phases)),
    kinds: some(input.kinds),
    targetId: given(input.targetId),
    serviceId: given(input.serviceId),
    serviceVersionId: given(input.serviceVersionId),
    definitionId: given(input.definitionId),
    batchId: given(input.batchId),
    createdBy: given(input.createdBy),
    tags: some(input.tags),
    text: given(input.text),
    submittedAfter: given(input.submittedAfter),
    submittedBefore: given(input.submittedBefore),
    startedAfter: given(input.startedAfter),
    startedBefore: given(input.startedBefore),
    endedAfter: given(input.endedAfter),
    endedBefore: given(input.endedBefore),
  };
}

/** None when the states are not of the phases. */
function statesOf(
  states: readonly JobState[] | undefined,
  phases: readonly Phase[] | undefined,
): readonly JobState[] | undefined {
  if (phases === undefined) return states;
  return (states ?? JOB_STATES).filter((state) => phases.includes(phaseOf(state)));
}
