import { AppError } from '@weft/errors';
import { Arg, Args, Ctx, FieldResolver, Float, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { DataPoolFilter, ShownFile, ShownPool } from '../application/data-pool-reader.js';
import { PageArgs } from './connection.type.js';
import { DataPoolFilterInput } from './data-pool.input.js';
import {
  DataPoolConnectionType,
  DataPoolFileConnectionType,
  DataPoolFileType,
  DataPoolReleaseEventConnectionType,
  DataPoolSealType,
  DataPoolSourceType,
  DataPoolType,
  presentRelease,
} from './data-pool.type.js';
import { ArtifactType, JobType, OrganizationType, pointer, UserType } from './foreign.type.js';
import { ItemRoleEnum } from './item-enums.js';
import { GrantType, presentGrant, presentSlice } from './item.type.js';
import { ItemType } from './node.type.js';
import type { RegistryContext } from './registry-context.js';

const MAX_TEXT = 500;

/** What PostgreSQL could not read is refused before it is asked. */
function plain(text: string | null | undefined, argument: string): string | undefined {
  if (text == null) return undefined;
  if (text.length > MAX_TEXT || text.includes('\0') || !text.isWellFormed())
    throw new AppError('BAD_USER_INPUT', `"${argument}" has at most ${MAX_TEXT} plain characters.`, {
      argument,
    });
  return text;
}

const filterOf = (filter: DataPoolFilterInput | null | undefined): DataPoolFilter => ({
  organizationId: filter?.organizationId ?? undefined,
  text: plain(filter?.text, 'text'),
  tag: plain(filter?.tag, 'tag'),
  release: filter?.releaseState ?? undefined,
  sealed: filter?.sealed ?? undefined,
  reviewerId: filter?.reviewerId ?? undefined,
});

@Resolver(() => DataPoolType)
export class DataPoolResolver {
  @Query(() => DataPoolType, {
    nullable: true,
    description: 'A data pool by its id; null when there is none that the caller may see.',
  })
  dataPool(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Ctx() { dataPools }: RegistryContext,
  ): Promise<ShownPool | null> {
    return dataPools.pool(id);
  }

  @Query(() => DataPoolConnectionType, {
    description: 'The data pools that the caller may see, newest first.',
  })
  async dataPools(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => DataPoolFilterInput, {
      nullable: true,
      description: 'Which ones; all when left out.',
    })
    filter: DataPoolFilterInput | null | undefined,
    @Ctx() { dataPools }: RegistryContext,
  ) {
    return presentSlice(
      await dataPools.list(filterOf(filter), page),
      ({ id }) => [id],
      (pool) => pool,
    );
  }

  @FieldResolver(() => OrganizationType, {
    nullable: true,
    description: 'The organization that owns it. Null where you may not see it.',
  })
  organization(@Root() pool: ShownPool) {
    return pointer(pool.organizationId);
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description:
      'Who may do everything with it, as long as he is a member of the organization that owns it. Null for whom you may not see.',
  })
  owner(@Root() pool: ShownPool) {
    return pointer(pool.ownerId);
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who made it. Null for whom you may not see.',
  })
  createdBy(@Root() pool: ShownPool) {
    return pointer(pool.createdBy);
  }

  @FieldResolver(() => [ItemRoleEnum], {
    description:
      'What the caller may do with it: METADATA_READ sees it and the list of its files, DATA_READ reads their content, DATA_WRITE changes them.',
  })
  myRoles(@Root() pool: ShownPool, @Ctx() { dataPools }: RegistryContext) {
    return [...dataPools.roles(pool)];
  }

  @FieldResolver(() => [GrantType], {
    nullable: true,
    description:
      'Its members: who has which roles, beside its owner and the OWNERs of its organization, who have all. Null without the role ADMIN.',
  })
  access(@Root() pool: ShownPool, @Ctx() { dataPools }: RegistryContext) {
    return dataPools.roles(pool).has('ADMIN') ? pool.grants.map(presentGrant) : null;
  }

  @FieldResolver(() => DataPoolFileConnectionType, { description: 'Its files, by the bytes of their names.' })
  async files(
    @Root() pool: ShownPool,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('prefix', () => String, {
      nullable: true,
      description: 'Only names that begin so, such as `2026/`.',
    })
    prefix: string | null | undefined,
    @Ctx() { dataPools }: RegistryContext,
  ) {
    return presentSlice(
      await dataPools.files(pool, plain(prefix, 'prefix') ?? '', page),
      ({ name }) => [name],
      (file) => file,
    );
  }

  @FieldResolver(() => DataPoolFileType, {
    nullable: true,
    description: 'The last version of the file of this name; null when there is none.',
  })
  file(
    @Root() pool: ShownPool,
    @Arg('name', () => String, { description: 'Its name.' }) name: string,
    @Ctx() { dataPools }: RegistryContext,
  ) {
    return dataPools.named(pool, plain(name, 'name') ?? '');
  }

  @FieldResolver(() => Int, { description: 'How many files it has, earlier versions not counted.' })
  async fileCount(@Root() pool: ShownPool, @Ctx() { dataPools }: RegistryContext) {
    return (await dataPools.size(pool)).files;
  }

  @FieldResolver(() => Float, { description: 'Size of its files in bytes, earlier versions not counted.' })
  async size(@Root() pool: ShownPool, @Ctx() { dataPools }: RegistryContext) {
    return (await dataPools.size(pool)).bytes;
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who is to decide on its release, or did; null while nobody is asked.',
  })
  reviewer(@Root() pool: ShownPool) {
    return pointer(pool.reviewerId);
  }

  @FieldResolver(() => DataPoolReleaseEventConnectionType, {
    description: 'What was said about its release, the last first.',
  })
  async releaseHistory(
    @Root() pool: ShownPool,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { dataPools }: RegistryContext,
  ) {
    return presentSlice(await dataPools.releaseHistory(pool, page), ({ number }) => [number], presentRelease);
  }

  @FieldResolver(() => DataPoolSealType, {
    nullable: true,
    description: 'That its files stay as they are for ever; null while it is not sealed.',
  })
  sealed(@Root() pool: ShownPool): DataPoolSealType | null {
    return pool.sealed === null ? null : { at: pool.sealed.at, user: { id: pool.sealed.by } };
  }

  @FieldResolver(() => ItemType, {
    nullable: true,
    description:
      'It as provenance knows it, with its files as members; null before it is released or sealed.',
  })
  item(@Root() pool: ShownPool, @Ctx() { provenance }: RegistryContext) {
    return pool.nodeId === null ? null : provenance.node(pool.nodeId);
  }
}

@Resolver(() => DataPoolFileType)
export class DataPoolFileResolver {
  @FieldResolver(() => DataPoolType, { description: 'The pool that it is in.' })
  dataPool(@Root() file: ShownFile, @Ctx() { dataPools }: RegistryContext) {
    return dataPools.pool(file.poolId);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Under which it may be used: its own licence, else that of the pool.',
  })
  async licence(@Root() file: ShownFile, @Ctx() { dataPools }: RegistryContext) {
    return file.licence ?? (await dataPools.pool(file.poolId))?.licence ?? null;
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who put it there. Null for whom you may not see.',
  })
  addedBy(@Root() file: ShownFile) {
    return pointer(file.addedBy);
  }

  @FieldResolver(() => ArtifactType, {
    nullable: true,
    description:
      'The stored file, with its content (`downloadUrl`, `download`). Null without the role DATA_READ, and for a moment after it was granted.',
  })
  async artifact(@Root() file: ShownFile, @Ctx() { dataPools }: RegistryContext) {
    const pool = await dataPools.pool(file.poolId);
    return pool !== null && dataPools.roles(pool).has('DATA_READ') ? pointer(file.artifactId) : null;
  }

  @FieldResolver(() => DataPoolFileConnectionType, {
    description: 'All versions of its name that are kept, the last first.',
  })
  async versions(
    @Root() file: ShownFile,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { dataPools }: RegistryContext,
  ) {
    return presentSlice(
      await dataPools.versions(file, page),
      ({ version }) => [version],
      (one) => one,
    );
  }

  @FieldResolver(() => ItemType, {
    nullable: true,
    description: 'It as provenance knows it: where it came from. Null when the caller may not see that.',
  })
  item(@Root() file: ShownFile, @Ctx() { provenance }: RegistryContext) {
    return provenance.node(file.nodeId);
  }
}

@Resolver(() => DataPoolSourceType)
export class DataPoolSourceResolver {
  @FieldResolver(() => JobType, {
    nullable: true,
    description: 'The job; null when the caller may not see it.',
  })
  job(@Root() { jobId }: DataPoolSourceType, @Ctx() { provenance }: RegistryContext) {
    return provenance.jobOf(jobId);
  }
}

@Resolver(() => OrganizationType)
export class DataPoolsOfOrganizationResolver {
  @FieldResolver(() => DataPoolConnectionType, {
    description: 'Its data pools that the caller may see, newest first.',
  })
  async dataPools(
    @Root() { id }: OrganizationType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { dataPools }: RegistryContext,
  ) {
    return presentSlice(
      await dataPools.list({ organizationId: id }, page),
      (pool) => [pool.id],
      (pool) => pool,
    );
  }
}
