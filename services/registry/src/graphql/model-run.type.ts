import { graphqlEnum, MutationPayload, UserErrorType } from '@weft/subgraph';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { BulkState } from '../application/bulk-ports.js';
import type { RecordStatus } from '../domain/model-run.js';
import type { ProvenanceNode } from '../domain/node.js';
import { BatchType, JobType } from './foreign.type.js';
import { listOf } from './item.type.js';
import { ItemType } from './node.type.js';

export const RecordStatusEnum = graphqlEnum<RecordStatus>(
  'ModelRunRecordStatus',
  'How far the record of a model run is.',
  {
    COMPLETE: 'It is registered, and a job is to bring the graph of provenance in line with it.',
    LODGED: 'The graph says what the record says.',
    REMOVED: 'The run was deleted: nothing of it is left in the graph.',
  },
);

export const BulkStateEnum = graphqlEnum<BulkState>('ModelRunRowState', 'What became of a row.', {
  PENDING: 'Its job has not ended.',
  REGISTERED: 'The run is registered, and its provenance lodged.',
  DUPLICATE: 'The organization has registered a run that says just the same; see `modelRun`.',
  FAILED:
    'It was refused, or its job failed; see `errors` and `job`. `retryJob` tries again; so does its table, corrected and given again.',
  CANCELLED: 'Its job was cancelled.',
  SKIPPED: 'The row named a job already that had not failed, and nothing was done.',
});

@ObjectType('ModelRun', { description: 'What an item has because it is a run of a model.' })
export class ModelRunType {
  @Field(() => RecordStatusEnum, { description: 'How far its record is.' })
  recordStatus!: RecordStatus;

  @Field(() => Int, {
    nullable: true,
    description: 'The revision of the item of which the graph speaks; null while it speaks of none.',
  })
  lodgedRevision!: number | null;

  @Field(() => JobType, {
    nullable: true,
    description: 'The last job that wrote, or will write, its provenance.',
  })
  job!: JobType | null;
}

@ObjectType('RegisterModelRunPayload', { description: 'The new run, or why it was refused.' })
export class RegisterModelRunPayload extends MutationPayload {
  @Field(() => ItemType, { nullable: true, description: 'The run as an item; null when it was refused.' })
  item?: ProvenanceNode | null;

  @Field(() => JobType, {
    nullable: true,
    description: 'The job that writes down its provenance; null when it was refused.',
  })
  job?: JobType | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'The idempotency key had been used for the same input: this is the run of the first time.',
  })
  repeated?: boolean | null;
}

@ObjectType('ModelRunRowCount', { description: 'How many rows are in a state.' })
export class BulkCountType {
  @Field(() => BulkStateEnum, { description: 'The state.' })
  state!: BulkState;
  @Field(() => Int, { description: 'How many rows are in it.' })
  count!: number;
}

@ObjectType('ModelRunRow', { description: 'One of many runs that were asked for together.' })
export class BulkRowType {
  @Field(() => Int, {
    description:
      'Its row as a spreadsheet counts, the header being 1; of records that came without one, from 1.',
  })
  row!: number;
  @Field(() => String, {
    description:
      'What it is called: its number and the name of its run, which is left out where it is hidden.',
  })
  label!: string;
  @Field(() => Boolean, {
    description:
      'True: you may not read what it says, only its number, state and job. A row is read by who may read its run; a row without a run by who asked for it and, unless it is SKIPPED, by who has the role MAINTAINER in the organization; a DUPLICATE of a run that you may not read only by who asked for it.',
  })
  isHidden!: boolean;
  @Field(() => BulkStateEnum, { description: 'What became of it.' })
  state!: BulkState;
  @Field(() => JobType, { nullable: true, description: 'Its job; null where there is none to run.' })
  job!: JobType | null;
  @Field(() => [UserErrorType], {
    description: 'Everything that is wrong with its record, each with its path from `record`.',
  })
  errors!: UserErrorType[];
  /** For the resolver of `modelRun`. */
  runId!: string | null;
}

export const BulkRowConnectionType = listOf(
  'ModelRunRow',
  () => BulkRowType,
  'the rows of a registration of many runs, in their order',
);

@ObjectType('ModelRunBatch', { description: 'Runs of models that were asked for together.' })
export class ModelRunBatchType {
  @Field(() => ID, {
    description:
      'Id, also of the batch of jobs: `batch(id)`, `batchChanged(id)`, `cancelBatch`, `retryBatch`.',
  })
  id!: string;
  @Field(() => String, { description: 'Its name.' })
  name!: string;
  @Field(() => Date, { description: 'When it was asked for.' })
  createdAt!: Date;
  @Field(() => BatchType, {
    nullable: true,
    description: 'Its jobs, one for each row; null for the moment until the jobs service has heard of them.',
  })
  batch!: BatchType | null;
  /** For the resolver of `workflowTemplate`. */
  templateId!: string;
}

@ObjectType('RegisterModelRunsPayload', {
  description: 'The registration that was begun, or why it was refused.',
})
export class RegisterModelRunsPayload extends MutationPayload {
  @Field(() => ModelRunBatchType, {
    nullable: true,
    description: 'What was begun; null when it was refused.',
  })
  modelRunBatch?: ModelRunBatchType | null;

  @Field(() => [String], {
    nullable: true,
    description: 'What was noticed and let pass: columns that are not of the template.',
  })
  warnings?: readonly string[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'The idempotency key had been used for the same input: this is the registration of the first time.',
  })
  repeated?: boolean | null;
}

@ObjectType('ModelRunTemplateCsvPayload', { description: 'A table for runs, or why there is none.' })
export class TemplateCsvPayload extends MutationPayload {
  @Field(() => String, {
    nullable: true,
    description: 'CSV (RFC 4180, UTF-8) that has a header and no rows yet; null when it was refused.',
  })
  csv?: string | null;
}
