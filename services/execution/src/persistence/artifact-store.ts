import type { Tx } from '@weft/database';
import type { ArtifactStore } from '../application/ports.js';
import type { StoredArtifact } from '../domain/artifact.js';
import { isUuid } from './ids.js';
import { ArtifactTable } from './tables.js';

export const artifactStore = (tx: Tx): ArtifactStore => ({
  async insert(artifact) {
    await tx.manager.insert(ArtifactTable, artifact);
  },
  async find(id) {
    return isUuid(id) ? ((await tx.manager.findOneBy(ArtifactTable, { id })) ?? undefined) : undefined;
  },
  async store(id, sha256, size) {
    const stored = await tx.query(
      `update artifact set sha256 = $2, size = $3, stored_at = now() where id = $1 and sha256 is null returning id`,
      [id, sha256, size],
    );
    if (stored.length === 0) return undefined;
    return (await tx.manager.findOneBy(ArtifactTable, { id })) as StoredArtifact;
  },
  async forgetAbandoned(olderThanMs) {
    await tx.query(
      `delete from artifact where sha256 is null and created_at < now() - make_interval(secs => $1)`,
      [olderThanMs / 1_000],
    );
  },
});
