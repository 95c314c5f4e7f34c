import { encodeCursor, pageOf, pageRequest } from '@weft/database';
import { AppError } from '@weft/errors';
import { connectionOf, presentUserErrors, type ConnectionOf } from '@weft/subgraph';
import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import {
  DOWNLOAD_TTL_MS,
  GRANT_DEFAULT_SECONDS,
  GRANT_MAX_SECONDS,
  type StoredArtifact,
} from '../domain/artifact.js';
import {
  ArtifactConnectionType,
  ArtifactDownloadType,
  ArtifactType,
  CreateUploadInputType,
  CreateUploadPayloadType,
  OrganizationType,
} from './artifact.type.js';
import type { ExecutionContext } from './context.js';

@Resolver(() => ArtifactType)
export class ArtifactResolver {
  @Query(() => ArtifactType, {
    nullable: true,
    description:
      'A stored file of your organizations, or of a data pool or dataset whose data you may read; null when there is none with this id.',
  })
  artifact(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Ctx() context: ExecutionContext,
  ): Promise<StoredArtifact | null> {
    return context.loaders.artifact.load(id);
  }

  @Query(() => ArtifactConnectionType, {
    description: 'The stored files of your organizations, newest first.',
  })
  artifacts(
    @Arg('first', () => Int, { nullable: true, description: 'How many, at most 100; by default 20.' })
    first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'Continue after this cursor.' })
    after: string | null,
    @Ctx() context: ExecutionContext,
  ): Promise<ConnectionOf<StoredArtifact>> {
    return artifactPage(context, undefined, first, after);
  }

  @Mutation(() => CreateUploadPayloadType, {
    description: 'Asks for a signed URL to which the bytes of a file can be PUT.',
  })
  async createUpload(
    @Arg('input', () => CreateUploadInputType, { description: 'What will be uploaded.' })
    input: CreateUploadInputType,
    @Ctx() context: ExecutionContext,
  ): Promise<CreateUploadPayloadType> {
    const outcome = await context.createUpload(input);
    return outcome.ok
      ? { upload: outcome.value, userErrors: [] }
      : { upload: null, userErrors: presentUserErrors(outcome.errors) };
  }

  @FieldResolver(() => OrganizationType, {
    nullable: true,
    description: 'Who owns it. Null where you may not see it.',
  })
  organization(@Root() artifact: StoredArtifact): OrganizationType {
    return { id: artifact.organizationId };
  }

  @FieldResolver(() => String, {
    description: 'Signed URL of the content, valid for 10 minutes; made anew whenever it is asked for.',
  })
  downloadUrl(@Root() artifact: StoredArtifact, @Ctx() context: ExecutionContext): string {
    return context.urls.forClient('GET', artifact.id, DOWNLOAD_TTL_MS).url;
  }

  @FieldResolver(() => ArtifactDownloadType, {
    description:
      'A temporary grant for programs that have no account here: a signed URL of the content, made anew whenever it is asked for. It is good until it expires, also when rights end before.',
  })
  download(
    @Root() artifact: StoredArtifact,
    @Arg('seconds', () => Int, {
      defaultValue: GRANT_DEFAULT_SECONDS,
      description: 'For how long, 1 second to 24 hours (86 400); by default 3 hours.',
    })
    seconds: number,
    @Ctx() context: ExecutionContext,
  ): ArtifactDownloadType {
    if (seconds < 1 || seconds > GRANT_MAX_SECONDS)
      throw new AppError('BAD_USER_INPUT', `"seconds" must be between 1 and ${GRANT_MAX_SECONDS}.`, {
        argument: 'seconds',
        value: seconds,
      });
    return context.urls.forClient('GET', artifact.id, seconds * 1_000);
  }
}

/** A page of the artifacts of the actor's organizations, or of one of their jobs. */
export async function artifactPage(
  context: ExecutionContext,
  jobId: string | undefined,
  first: number | null,
  after: string | null,
): Promise<ConnectionOf<StoredArtifact>> {
  const page = pageRequest(first, after, ['time', 'uuid']);
  const rows = await context.reads.artifacts(context.organizationIds, jobId, {
    limit: page.first + 1,
    after: page.after,
  });
  const cursor = (row: StoredArtifact): string => encodeCursor([row.createdAt.toISOString(), row.id]);
  return connectionOf(pageOf(rows, page.first), cursor, (row) => row, page.after !== undefined);
}
