import type { ConnectionOf } from '@weft/subgraph';
import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { BatchReader } from '../application/batch-ports.js';
import { pageOfGroups } from './batch.resolver.js';
import { JobType } from './job.type.js';
import { requireRead, type JobsContext } from './jobs-context.js';
import { presentJob } from './present-job.js';
import {
  presentStep,
  presentWorkflow,
  WorkflowConnectionType,
  WorkflowStepType,
  WorkflowType,
} from './workflow.type.js';
import { AFTER, FIRST } from './paging.js';

export async function loadWorkflow(context: JobsContext, id: string): Promise<WorkflowType | null> {
  const found = await context.batches.load(id);
  return found === undefined || found.onFailure === null ? null : presentWorkflow(found);
}

@Resolver()
export class WorkflowQueriesResolver {
  constructor(private readonly reader: BatchReader) {}

  @Query(() => WorkflowType, {
    nullable: true,
    description: 'One workflow; null when there is none that you may see.',
  })
  workflow(
    @Arg('id', () => ID, { description: 'Id of the workflow.' }) id: string,
    @Ctx() context: JobsContext,
  ): Promise<WorkflowType | null> {
    requireRead(context.actor);
    return loadWorkflow(context, id);
  }

  @Query(() => WorkflowConnectionType, { description: 'Workflows of your organizations, the latest first.' })
  async workflows(
    @Ctx() { actor }: JobsContext,
    @Arg('organizationId', () => ID, {
      nullable: true,
      description: 'Owned by this organization; all of yours when left out.',
    })
    organizationId?: string | null,
    @Arg('name', () => String, { nullable: true, description: 'Of exactly this name.' }) name?: string | null,
    @Arg('first', () => Int, { nullable: true, description: FIRST })
    first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER })
    after?: string | null,
    @Arg('registrations', () => Boolean, {
      nullable: true,
      description:
        'True: only those that the registry started for itself, of jobs of kind REGISTRATION. False or left out: only the others.',
    })
    registrations?: boolean | null,
  ): Promise<ConnectionOf<WorkflowType>> {
    requireRead(actor);
    const filter = {
      workflows: true,
      hidden: registrations === true,
      organizationId: organizationId ?? undefined,
      name: name ?? undefined,
    };
    return pageOfGroups(this.reader, actor, filter, first, after, presentWorkflow);
  }
}

/** What a workflow leads to. */
@Resolver(() => WorkflowType)
export class WorkflowFieldResolver {
  @FieldResolver(() => [WorkflowStepType], {
    description: 'All of its steps, up to 300, in the order in which they were submitted.',
  })
  async steps(@Root() workflow: WorkflowType, @Ctx() context: JobsContext): Promise<WorkflowStepType[]> {
    return (await context.workflowSteps.load(workflow.id)).map(presentStep);
  }
}

@Resolver(() => WorkflowStepType)
export class WorkflowStepFieldResolver {
  @FieldResolver(() => JobType, {
    nullable: true,
    description:
      'The job that it is, after a retry the latest. Null when it was deleted or given to an organization that is not yours.',
  })
  async job(@Root() { source }: WorkflowStepType, @Ctx() context: JobsContext): Promise<JobType | null> {
    const job = source.jobId === null ? undefined : await context.jobs.load(source.jobId);
    return job === undefined ? null : presentJob(job);
  }
}

@Resolver(() => JobType)
export class JobWorkflowResolver {
  @FieldResolver(() => WorkflowType, {
    nullable: true,
    description: 'The workflow of which it is a step; null for other jobs.',
  })
  async workflow(@Root() { source }: JobType, @Ctx() context: JobsContext): Promise<WorkflowType | null> {
    return source.batchId === null || source.needsMet === null ? null : loadWorkflow(context, source.batchId);
  }
}
