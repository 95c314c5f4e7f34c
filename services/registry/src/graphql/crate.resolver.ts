import { payload } from '@weft/subgraph';
import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import {
  PackRoCrateInputType,
  PackRoCratePayload,
  presentArchive,
  RoCrateArchiveType,
} from './crate.type.js';
import type { RegistryContext } from './registry-context.js';

@Resolver()
export class CrateResolver {
  @Mutation(() => PackRoCratePayload, {
    description:
      'Has a run packed with its files, by a job: metadata, preview, inputs, results, code and logs, each file with its SHA-256. Needs the role MAINTAINER in the organization of the run, which keeps the archive; up to 5 archives of yours are on their way at a time (RATE_LIMITED), each of at most 1 000 files and 200 MiB.',
  })
  async packRoCrate(
    @Arg('input', () => PackRoCrateInputType, { description: 'What to pack.' })
    input: PackRoCrateInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    const outcome = await context.requestCrate(context, input);
    const archive = outcome.ok ? await context.crates.archive(outcome.value.archiveId) : null;
    return payload(Promise.resolve(outcome), () => ({ archive: archive && presentArchive(archive) }));
  }

  @Query(() => RoCrateArchiveType, {
    nullable: true,
    description: 'An archive by its id; null unless it is of one of your organizations.',
  })
  async roCrateArchive(
    @Arg('id', () => ID, { description: 'Id of the archive.' }) id: string,
    @Ctx() { crates }: RegistryContext,
  ): Promise<RoCrateArchiveType | null> {
    const archive = await crates.archive(id);
    return archive && presentArchive(archive);
  }
}
