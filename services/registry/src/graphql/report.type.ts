import { graphqlEnum, MutationPayload } from '@weft/subgraph';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { RequestReportInput } from '../application/request-report.js';
import type { WorkflowState } from '../domain/activity-workflow.js';
import type { ReportFormat, RequestedReport } from '../domain/report.js';
import { ArtifactType, JobType, pointer, UserType } from './foreign.type.js';
import { WorkflowStateEnum } from './item-enums.js';
import { listOf } from './item.type.js';

export const ReportFormatEnum = graphqlEnum<ReportFormat>('ReportFormat', 'How a report is written down.', {
  HTML: 'One self-contained page, to read in a browser and to print.',
  DOCX: 'A Word document, to go on writing in.',
});

@ObjectType('Report', {
  description:
    'A study or a model run with its team, inputs, runs and outputs, written down for the user who asked, who alone sees it.',
})
export class ReportType {
  @Field(() => ID, {
    description:
      'Id of the report, and of the workflow in the jobs service that makes it: `workflowChanged(id)`.',
  })
  id!: string;
  @Field(() => WorkflowStateEnum, { description: 'How far it is. SUCCEEDED: its files are there.' })
  state!: WorkflowState;
  @Field(() => Int, {
    description:
      'How many steps upstream of each model run it looks for inputs, 1 to 3. Downstream it is always 1.',
  })
  depth!: number;
  @Field(() => [ReportFormatEnum], { description: 'The formats asked for.' })
  formats!: readonly ReportFormat[];
  @Field(() => JobType, {
    nullable: true,
    description:
      'The job that makes it, in the personal organization of the user; null for the moment until the jobs service has heard of it. After a retry, the one that has the last word.',
  })
  job!: JobType | null;
  @Field(() => Date, { description: 'When it was asked for.' })
  requestedAt!: Date;
  @Field(() => UserType, { nullable: true, description: 'Who asked for it. Null for whom you may not see.' })
  requestedBy!: UserType;
  @Field(() => ArtifactType, {
    nullable: true,
    description: 'The page; null until SUCCEEDED, and where HTML was not asked for.',
  })
  htmlArtifact!: ArtifactType | null;
  @Field(() => ArtifactType, {
    nullable: true,
    description: 'The Word document; null until SUCCEEDED, and where DOCX was not asked for.',
  })
  docxArtifact!: ArtifactType | null;
  @Field(() => String, {
    nullable: true,
    description:
      'Code of the error that ended it, such as NOT_FOUND when the user had lost the right to read the item; `job` tells more. Null unless FAILED.',
  })
  error!: string | null;
  /** For the resolver of `item`. */
  itemId!: string;
}

export const presentReport = (report: RequestedReport): ReportType => ({
  id: report.id,
  state: report.state,
  depth: report.depth,
  formats: report.formats,
  job: { id: report.jobId },
  requestedAt: report.requestedAt,
  requestedBy: { id: report.userId },
  htmlArtifact: pointer(report.htmlArtifactId),
  docxArtifact: pointer(report.docxArtifactId),
  error: report.errorCode,
  itemId: report.itemId,
});

export const ReportConnectionType = listOf(
  'Report',
  () => ReportType,
  'reports that the caller asked for, the last first',
);

@InputType('GenerateReportInput', { description: 'What a report is to be made of, and how.' })
export class GenerateReportInputType implements RequestReportInput {
  @Field(() => ID, { description: 'Id or pid of an item of the subtype STUDY or MODEL_RUN.' })
  id!: string;
  @Field(() => Int, {
    nullable: true,
    description:
      'How many steps upstream of each model run to look for inputs, runs and models: 1 to 3, 1 when left out. Downstream it is always 1 step.',
  })
  depth?: number | null;
  @Field(() => [ReportFormatEnum], {
    nullable: true,
    description: 'At least one format; both when left out.',
  })
  formats?: ReportFormat[] | null;
  @Field(() => String, {
    nullable: true,
    description:
      'Unique among your reports, 1 to 200 characters: repeating a request under it gives the same report, a different one under it is IDEMPOTENCY_CONFLICT.',
  })
  idempotencyKey?: string | null;
}

@ObjectType('GenerateReportPayload', { description: 'The report that is on its way, or why it was refused.' })
export class GenerateReportPayload extends MutationPayload {
  @Field(() => ReportType, {
    nullable: true,
    description: 'The report, PENDING; null when it was refused.',
  })
  report?: ReportType | null;
  @Field(() => Boolean, {
    nullable: true,
    description:
      'The idempotency key had been used for the same input: this is the report of the first time, in whatever state.',
  })
  repeated?: boolean | null;
}
