import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, ID, InputType, Int } from 'type-graphql';
import type {
  LinkModelRunToStudyInput,
  RevertModelRunInput,
  UpdateModelRunInput,
} from '../application/change-model-run.js';
import type { RegisterModelRunInput } from '../application/register-model-run.js';
import type { RegisterModelRunsInput } from '../application/register-model-runs.js';

type Json = Record<string, unknown>;

const RECORD =
  'JSON that fits the schema of the type: `itemType(subtype: MODEL_RUN)`. Items are named by id or pid and stored by id.';
const KEY =
  'A name of your choice for this request, 1 to 200 characters, unique in the organization: repeated under it, the request gives what the first one made.';
const OWNER =
  'The organization that will own it; your personal one when left out. Needs the role MAINTAINER there.';

@InputType('RegisterModelRunInput', { description: 'A run of a model that is to be registered.' })
export class RegisterModelRunInputType implements RegisterModelRunInput {
  @Field(() => ID, { nullable: true, description: OWNER })
  organizationId?: string | null;
  @Field(() => GraphQLJSONObject, { description: `What is said of the run. ${RECORD}` })
  record!: Json;
  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null;
}

@InputType('RegisterModelRunsInput', { description: 'Runs of models that are to be registered together.' })
export class RegisterModelRunsInputType implements RegisterModelRunsInput {
  @Field(() => ID, { nullable: true, description: OWNER })
  organizationId?: string | null;
  @Field(() => ID, { description: 'Id or pid of the workflow template that all of them follow.' })
  workflowTemplateId!: string;
  @Field(() => String, {
    nullable: true,
    description:
      'A table with the columns of `modelRunTemplateCsv`, a run in each row: CSV with commas, at most 10 000 rows and 8 000 000 characters. Rows that name a job (`_job_id`) are skipped, unless that FAILED (`_job_status`): those are tried again. A slot with several datasets has them in one cell, with `;` between them, and so have its resources, in the same order. Columns `annotation: name` may be added. Times without an offset are UTC. A row with characters that cannot be stored (U+0000, half of a surrogate pair) FAILS at once, alone.',
  })
  csv?: string | null;
  @Field(() => [GraphQLJSONObject], {
    nullable: true,
    description: `Instead of csv: at most 10 000 records. ${RECORD}`,
  })
  records?: Json[] | null;
  @Field(() => String, {
    nullable: true,
    description: 'What the batch is called, 1 to 200 characters; made of the template when left out.',
  })
  batchName?: string | null;
  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null;
}

const RUN = 'Id or pid of the run.';
const REASON = 'Why, in 1 to 2 000 characters; kept in its history. Left out only for a trial.';
const TRIAL = 'True: nothing is done, and the answer says what would be.';

@InputType('UpdateModelRunInput', { description: 'What a run of a model is to say instead.' })
export class UpdateModelRunInputType implements UpdateModelRunInput {
  @Field(() => ID, { description: RUN })
  id!: string;
  @Field(() => GraphQLJSONObject, { description: `All that is said of the run. ${RECORD}` })
  record!: Json;
  @Field(() => String, { nullable: true, description: REASON })
  reason?: string | null;
  @Field(() => Boolean, { nullable: true, defaultValue: false, description: TRIAL })
  trial?: boolean | null;
  @Field(() => Int, {
    nullable: true,
    description: 'Refused when the run has moved on since this revision.',
  })
  expectedRevision?: number | null;
}

@InputType('DeleteModelRunInput', { description: 'A run of a model that is to be deleted.' })
export class DeleteModelRunInputType {
  @Field(() => ID, { description: RUN })
  id!: string;
  @Field(() => String, { nullable: true, description: REASON })
  reason?: string | null;
  @Field(() => Boolean, { nullable: true, defaultValue: false, description: TRIAL })
  trial?: boolean | null;
}

@InputType('RevertModelRunInput', { description: 'What a run of a model is to say again.' })
export class RevertModelRunInputType implements RevertModelRunInput {
  @Field(() => ID, { description: RUN })
  id!: string;
  @Field(() => Int, {
    description: 'The revision whose record and tags come back; `Item.history` lists them.',
  })
  revision!: number;
  @Field(() => String, { nullable: true, description: REASON })
  reason?: string | null;
  @Field(() => Boolean, { nullable: true, defaultValue: false, description: TRIAL })
  trial?: boolean | null;
  @Field(() => Int, {
    nullable: true,
    description: 'Refused when the run has moved on since this revision.',
  })
  expectedRevision?: number | null;
}

@InputType('LinkModelRunToStudyInput', { description: 'The study that a run is to belong to.' })
export class LinkModelRunToStudyInputType implements LinkModelRunToStudyInput {
  @Field(() => ID, { description: RUN })
  id!: string;
  @Field(() => ID, { description: 'Id or pid of the study.' })
  studyId!: string;
  @Field(() => String, { nullable: true, description: REASON })
  reason?: string | null;
  @Field(() => Boolean, { nullable: true, defaultValue: false, description: TRIAL })
  trial?: boolean | null;
}

@InputType('UnlinkModelRunFromStudyInput', { description: 'A run that is to belong to no study.' })
export class UnlinkModelRunInputType {
  @Field(() => ID, { description: RUN })
  id!: string;
  @Field(() => String, { nullable: true, description: REASON })
  reason?: string | null;
  @Field(() => Boolean, { nullable: true, defaultValue: false, description: TRIAL })
  trial?: boolean | null;
}
