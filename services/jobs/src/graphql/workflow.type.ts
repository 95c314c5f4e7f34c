import { graphqlEnum } from '@weft/subgraph';
import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import type { WorkflowStepView } from '../application/workflow-ports.js';
import type { Batch } from '../domain/batch.js';
import type { FailurePolicy } from '../domain/workflow/workflow.js';
import { JobGroupType, presentBatch } from './batch.type.js';
import { connection } from './paging.js';

export const FailurePolicyEnum = graphqlEnum<FailurePolicy>(
  'WorkflowFailurePolicy',
  'What becomes of steps that need one that ended without success.',
  {
    STOP: 'They fail with NEED_FAILED, and so does what needs them. Other branches go on.',
    CONTINUE: 'They run once all that they need has ended, however it ended.',
  },
);

@Directive('@key(fields: "id")')
@ObjectType('Workflow', { description: 'Jobs that wait for each other, and what they add up to.' })
export class WorkflowType extends JobGroupType {
  @Field(() => FailurePolicyEnum, {
    description: 'What becomes of steps that need one that ended without success.',
  })
  onFailure!: FailurePolicy;
}

@ObjectType('WorkflowStep', { description: 'A job of a workflow, and which ones it waits for.' })
export class WorkflowStepType {
  readonly source!: WorkflowStepView;

  @Field(() => ID, { description: 'Its name in the workflow.' })
  key!: string;
  @Field(() => [String], { description: 'Keys of the steps that it waits for.' })
  needs!: readonly string[];
}

export const WorkflowConnectionType = connection('Workflow', () => WorkflowType, 'workflow').connection;

@ObjectType('WorkflowChanged', { description: 'A workflow as it is after a change.' })
export class WorkflowChangedType {
  @Field(() => Int, {
    description: 'Position of this payload; pass the last one as `after` to go on from there.',
  })
  seq!: number;
  @Field(() => WorkflowType, { description: 'The workflow with its steps.' })
  workflow!: WorkflowType;
}

export const presentWorkflow = (batch: Batch): WorkflowType => ({
  ...presentBatch(batch),
  onFailure: batch.onFailure ?? 'STOP',
});

export const presentStep = (step: WorkflowStepView): WorkflowStepType => ({
  source: step,
  key: step.key,
  needs: step.needs,
});
