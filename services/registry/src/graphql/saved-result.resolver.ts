import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { ShownPool } from '../application/data-pool-reader.js';
import { PageArgs } from './connection.type.js';
import { DataPoolFileType, DataPoolType } from './data-pool.type.js';
import { JobType, pointer } from './foreign.type.js';
import { presentSlice } from './item.type.js';
import type { RegistryContext } from './registry-context.js';
import { presentSavedResult, SavedResultConnectionType, SavedResultType } from './saved-result.type.js';

@Resolver(() => SavedResultType)
export class SavedResultResolver {
  @FieldResolver(() => JobType, {
    nullable: true,
    description: 'The job that made it; null when the caller may not see it.',
  })
  job(@Root() { source }: SavedResultType) {
    return pointer(source.jobId);
  }

  @FieldResolver(() => DataPoolType, {
    nullable: true,
    description: 'The pool; null when the caller may not see it, or it is gone.',
  })
  dataPool(@Root() { source }: SavedResultType, @Ctx() { dataPools }: RegistryContext) {
    return dataPools.pool(source.poolId);
  }

  @FieldResolver(() => DataPoolFileType, {
    nullable: true,
    description:
      'The file that it became; null unless SAVED, and when the caller may not see it or it was taken out.',
  })
  file(@Root() { source }: SavedResultType, @Ctx() { dataPools }: RegistryContext) {
    return source.fileId === null ? null : dataPools.file(source.fileId);
  }
}

@Resolver(() => JobType)
export class SavedResultsOfJobResolver {
  @FieldResolver(() => SavedResultConnectionType, {
    description:
      'What came of putting its results into the data pool that it named (`resultPool`), by item. Empty until the job has SUCCEEDED and this is recorded, a moment later.',
  })
  async savedResults(
    @Root() { id }: JobType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { savedResults }: RegistryContext,
  ) {
    return presentSlice(
      await savedResults.ofJob(id, page),
      ({ itemIndex }) => [itemIndex],
      presentSavedResult,
    );
  }
}

@Resolver(() => DataPoolType)
export class SavedResultsOfPoolResolver {
  @FieldResolver(() => SavedResultConnectionType, {
    nullable: true,
    description:
      'Results that jobs were to put here, also those that were refused, the last first. Null without the role DATA_WRITE.',
  })
  async savedResults(
    @Root() pool: ShownPool,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { dataPools, savedResults }: RegistryContext,
  ) {
    if (!dataPools.roles(pool).has('DATA_WRITE')) return null;
    return presentSlice(await savedResults.ofPool(pool.id, page), ({ key }) => [key], presentSavedResult);
  }
}
