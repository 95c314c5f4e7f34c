import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { RequestedArchive } from '../domain/crate-archive.js';
import { PageArgs } from './connection.type.js';
import { presentArchive, RoCrateArchiveType } from './crate.type.js';
import { JobType, WorkflowType } from './foreign.type.js';
import { listOf, presentSlice } from './item.type.js';
import type { Slice } from './provenance.js';
import type { RegistryContext } from './registry-context.js';

const RoCrateArchiveConnectionType = listOf(
  'RoCrateArchive',
  () => RoCrateArchiveType,
  'archives of a run, the last that was asked for first',
);

const present = (slice: Slice<RequestedArchive>) =>
  presentSlice(slice, ({ requestedAt, id }) => [requestedAt.toISOString(), id], presentArchive);

@Resolver(() => JobType)
export class ArchivesOfJobResolver {
  @FieldResolver(() => RoCrateArchiveConnectionType, {
    description:
      'Archives of it (`packRoCrate`) that organizations of the caller have, the last that was asked for first. Those of its workflow are in `Workflow.roCrateArchives`.',
  })
  async roCrateArchives(
    @Root() { id }: JobType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { crates }: RegistryContext,
  ) {
    return present(await crates.archivesOf('JOB', id, page));
  }
}

@Resolver(() => WorkflowType)
export class ArchivesOfWorkflowResolver {
  @FieldResolver(() => RoCrateArchiveConnectionType, {
    description:
      'Archives of it as a whole (`packRoCrate`) that organizations of the caller have, the last that was asked for first.',
  })
  async roCrateArchives(
    @Root() { id }: WorkflowType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { crates }: RegistryContext,
  ) {
    return present(await crates.archivesOf('WORKFLOW', id, page));
  }
}
