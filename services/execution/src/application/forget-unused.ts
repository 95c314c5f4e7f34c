import type { BlobStore, Content, Contents } from './ports.js';

/** Removes the bytes of artifacts that are gone, where no other artifact of the organization has the same. */
export async function forgetUnused(
  { contents, blobs }: { contents: Contents; blobs: BlobStore },
  gone: readonly Content[],
): Promise<void> {
  for (const { organizationId, sha256 } of await contents.unused(gone))
    await blobs.forget(organizationId, sha256);
}
