import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import {
  JobDataPoolFileType,
  JobResultPoolType,
  presentPoolFile,
  presentResultPool,
} from './data-pools.type.js';
import { JobDefinitionVersionType } from './definition.type.js';
import { JobType } from './job.type.js';
import type { JobsContext } from './jobs-context.js';

@Resolver(() => JobType)
export class JobPoolsResolver {
  @FieldResolver(() => JobResultPoolType, {
    nullable: true,
    description:
      'The data pool that is to keep its results; null: none. `savedResults` tells what came of it.',
  })
  async resultPool(@Root() job: JobType, @Ctx() context: JobsContext): Promise<JobResultPoolType | null> {
    return presentResultPool((await context.inputs.load(job.id))?.resultPool);
  }
}

@Resolver(() => JobDefinitionVersionType)
export class DefinitionPoolsResolver {
  @FieldResolver(() => JobDataPoolFileType, {
    nullable: true,
    description: 'Data of its jobs by reference to a file of a data pool.',
  })
  dataPoolFile(@Root() { source }: JobDefinitionVersionType): JobDataPoolFileType | null {
    return presentPoolFile(source.template.dataPoolFile);
  }

  @FieldResolver(() => JobResultPoolType, {
    nullable: true,
    description: 'The data pool that is to keep the results of its jobs; null: none.',
  })
  resultPool(@Root() { source }: JobDefinitionVersionType): JobResultPoolType | null {
    return presentResultPool(source.template.resultPool);
  }
}
