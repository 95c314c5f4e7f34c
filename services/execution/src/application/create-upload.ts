import type { ArtifactKind } from '@weft/contracts';
import { done, refused, userError, type Outcome } from '@weft/errors';
import { hasRole, hasScope, type Actor } from '@weft/identity';
import { UPLOAD_TTL_MS, uploadProblems } from '../domain/artifact.js';
import type { ArtifactUrls, NewId, Transact } from './ports.js';

export interface CreateUploadInput {
  /** Absent: the caller's personal organization. */
  readonly organizationId?: string | null;
  readonly name: string;
  readonly mediaType: string;
  readonly kind: Extract<ArtifactKind, 'INPUT' | 'CODE'>;
}

export interface Upload {
  readonly artifactId: string;
  readonly url: string;
  readonly expiresAt: Date;
}

/** Promises a place for a file: the caller then PUTs its bytes to the signed URL. */
export async function createUpload(
  { transact, urls, newId }: { transact: Transact; urls: ArtifactUrls; newId: NewId },
  actor: Actor,
  input: CreateUploadInput,
): Promise<Outcome<Upload>> {
  const organizationId = input.organizationId ?? actor.personalOrganizationId;
  if (!hasScope(actor, 'write'))
    return refused(userError('FORBIDDEN', 'This needs a token with the scope "write".'));
  if (organizationId === undefined || !hasRole(actor, organizationId, 'VIEWER')) {
    return refused(
      userError(
        'NOT_FOUND',
        'You are not a member of an organization with this id.',
        'input',
        'organizationId',
      ),
    );
  }
  if (!hasRole(actor, organizationId, 'MAINTAINER')) {
    return refused(
      userError(
        'FORBIDDEN',
        'This needs the role MAINTAINER in the organization.',
        'input',
        'organizationId',
      ),
    );
  }
  const problems = uploadProblems(input);
  if (problems.length > 0) return refused(...problems);
  const id = newId();
  await transact((tx) =>
    tx.artifacts.insert({
      id,
      organizationId,
      name: input.name,
      mediaType: input.mediaType,
      kind: input.kind,
      size: null,
      sha256: null,
      jobId: null,
      attempt: null,
      createdBy: actor.id,
      createdAt: new Date(),
      storedAt: null,
    }),
  );
  return done({ artifactId: id, ...urls.forClient('PUT', id, UPLOAD_TTL_MS) });
}
