import { MutationPayload } from '@weft/subgraph';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { RequestCrateInput } from '../application/request-crate.js';
import type { WorkflowState } from '../domain/activity-workflow.js';
import type { RequestedArchive } from '../domain/crate-archive.js';
import { ArtifactType, JobType, OrganizationType, pointer, UserType } from './foreign.type.js';
import { WorkflowStateEnum } from './item-enums.js';

@ObjectType('RoCrateArchive', {
  description:
    'A run with its files as one zip archive: a Workflow-Run RO-Crate 0.5. It holds what all members of the organization may read, and all of them may download it.',
})
export class RoCrateArchiveType {
  @Field(() => ID, {
    description:
      'Id of the archive, and of the workflow in the jobs service that packs it: `workflowChanged(id)`.',
  })
  id!: string;
  @Field(() => WorkflowStateEnum, { description: 'How far it is. SUCCEEDED: the archive is there.' })
  state!: WorkflowState;
  @Field(() => JobType, {
    nullable: true,
    description:
      'The job that packs it, with its progress; null for the moment until the jobs service has heard of it. After a retry, the one that has the last word.',
  })
  job!: JobType | null;
  @Field(() => JobType, {
    nullable: true,
    description: 'The job that is in it; null when it is of a workflow.',
  })
  runJob!: JobType | null;
  @Field(() => ID, { nullable: true, description: 'The workflow that is in it; null when it is of a job.' })
  workflowId!: string | null;
  @Field(() => OrganizationType, {
    nullable: true,
    description:
      'Who owned the run when it was asked for, and owns the archive. Null where you may not see it.',
  })
  organization!: OrganizationType;
  @Field(() => Date, { description: 'When it was asked for.' })
  requestedAt!: Date;
  @Field(() => UserType, { nullable: true, description: 'Who asked for it. Null for whom you may not see.' })
  requestedBy!: UserType;
  @Field(() => ArtifactType, {
    nullable: true,
    description: 'The archive (`application/zip`), with a signed URL to fetch it; null until SUCCEEDED.',
  })
  artifact!: ArtifactType | null;
  @Field(() => Int, {
    nullable: true,
    description: 'How many files lie in it beside its metadata and its preview; null until SUCCEEDED.',
  })
  fileCount!: number | null;
  @Field(() => Int, {
    nullable: true,
    description:
      'How many files belong to the run and do not lie in it, since they are not stored any more or not open to all members: the metadata names them. Null until SUCCEEDED.',
  })
  missingCount!: number | null;
  @Field(() => String, {
    nullable: true,
    description:
      'Code of the error that ended it: PAYLOAD_TOO_LARGE for more than 1 000 files or 200 MiB, NOT_FOUND when the run went to another organization; `job` tells more. Null unless FAILED.',
  })
  error!: string | null;
}

export const presentArchive = (archive: RequestedArchive): RoCrateArchiveType => ({
  id: archive.id,
  state: archive.state,
  job: { id: archive.jobId },
  runJob: pointer(archive.runJobId),
  workflowId: archive.workflowId,
  organization: { id: archive.organizationId },
  requestedAt: archive.requestedAt,
  requestedBy: { id: archive.userId },
  artifact: pointer(archive.artifactId),
  fileCount: archive.fileCount,
  missingCount: archive.missingCount,
  error: archive.errorCode,
});

@InputType('PackRoCrateInput', {
  description: 'What to pack: exactly one of `jobId`, `activityId` and `workflowId`.',
})
export class PackRoCrateInputType implements RequestCrateInput {
  @Field(() => ID, {
    nullable: true,
    description: 'Id of a job that has ended: a Process Run Crate.',
  })
  jobId?: string | null;
  @Field(() => ID, {
    nullable: true,
    description: 'Id of the activity of such a job. A run of a model is not packed: `exportRoCrate` has it.',
  })
  activityId?: string | null;
  @Field(() => ID, {
    nullable: true,
    description:
      'Id of a workflow: a Provenance Run Crate of its steps that have ended by the time it is packed.',
  })
  workflowId?: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'The licence of the crate: its IRI, or a text of at most 500 characters. Without one it says that none is known.',
  })
  license?: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'Asked again under the same key it gives the same archive, and IDEMPOTENCY_CONFLICT for another request: 1 to 200 characters, one key space an organization.',
  })
  idempotencyKey?: string | null;
}

@ObjectType('PackRoCratePayload', {
  description: 'The archive that is on its way, or why it was refused.',
})
export class PackRoCratePayload extends MutationPayload {
  @Field(() => RoCrateArchiveType, {
    nullable: true,
    description: 'The archive, PENDING unless it was asked for before; null when it was refused.',
  })
  archive?: RoCrateArchiveType | null;
}
