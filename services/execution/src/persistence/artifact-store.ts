import { EVERYONE } from '@weft/contracts';
import type { Statement, Tx } from '@weft/database';
import type { ArtifactStore } from '../application/ports.js';
import type { StoredArtifact } from '../domain/artifact.js';
import { OPENED } from './holders.js';
import { isUuid } from './ids.js';
import { ArtifactTable } from './tables.js';

const OPEN_TO: Statement = {
  name: 'artifact-open-to',
  text: `select 1 from ${OPENED} opened
    where artifact_id = $1 and (organization_id = $2 or data_readers && $3::uuid[]) limit 1`,
};

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
  async isOpenTo(id, organizationId) {
    if (!isUuid(id) || !isUuid(organizationId)) return false;
    const open = await tx.query(OPEN_TO, [id, organizationId, [organizationId, EVERYONE]]);
    return open.length > 0;
  },
  async forgetAbandoned(olderThanMs) {
    await tx.query(
      `delete from artifact where sha256 is null and created_at < now() - make_interval(secs => $1)`,
      [olderThanMs / 1_000],
    );
  },
});
