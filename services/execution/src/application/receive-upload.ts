import { AppError } from '@weft/errors';
import { isStored, MAX_ARTIFACT_BYTES, type StoredArtifact } from '../domain/artifact.js';
import type { BlobStore, Transact } from './ports.js';

/** Takes the bytes of an expected artifact. It exists for others once its bytes are durable and its event is written. */
export async function receiveUpload(
  { transact, blobs }: { transact: Transact; blobs: BlobStore },
  artifactId: string,
  source: AsyncIterable<Buffer>,
): Promise<StoredArtifact> {
  const expected = await transact((tx) => tx.artifacts.find(artifactId));
  if (expected === undefined) throw new AppError('NOT_FOUND', 'No upload is expected here.');
  const { sha256, size } = await blobs.put(expected.organizationId, source, MAX_ARTIFACT_BYTES);
  return transact(async (tx) => {
    const stored = await tx.artifacts.store(artifactId, sha256, size);
    if (stored === undefined) {
      const before = await tx.artifacts.find(artifactId);
      // The same bytes again: an answer was lost on its way. Others: the first ones stand.
      if (before !== undefined && isStored(before) && before.sha256 === sha256) return before;
      throw new AppError(
        'CONFLICT',
        'This artifact was uploaded before with another content; create a new upload.',
      );
    }
    await tx.announce.artifactStored({
      artifactId: stored.id,
      organizationId: stored.organizationId,
      name: stored.name,
      kind: stored.kind,
      mediaType: stored.mediaType,
      size: stored.size,
      sha256: stored.sha256,
      jobId: stored.jobId,
    });
    return stored;
  });
}
