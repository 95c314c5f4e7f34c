import type { Queryable } from '@weft/database';
import type { DataPoolNews } from '../application/data-pool-ports.js';

/** What data pools need to know of stored files. */
export const dataPoolNews = (database: Queryable): DataPoolNews => ({
  async keepArtifact({ artifactId, organizationId, name, mediaType, size, sha256, jobId }) {
    await database.query(
      {
        name: 'known-artifact-keep',
        text: `insert into known_artifact (id, organization_id, name, media_type, size, sha256, job_id)
          values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing`,
      },
      [artifactId, organizationId, name, mediaType, size, sha256, jobId ?? null],
    );
  },
});
