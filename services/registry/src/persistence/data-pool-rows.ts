import type { DataPool, DataPoolFile } from '../domain/data-pool.js';
import type { Grant } from '../domain/access.js';

/** Grants that have not ended; most pools have none that ends. */
const STANDING = `case when p.grants_end is null or p.grants_end > now() then p.grants else
  (select coalesce(jsonb_agg(g order by place), '[]') from jsonb_array_elements(p.grants) with ordinality as given (g, place)
   where coalesce((g ->> 'expiresAt')::timestamptz, 'infinity') > now()) end`;

/** A data pool as one row, `p`. */
export const POOL_COLUMNS = `p.id as key, p.public_id as id, p.organization_id as "organizationId", p.owner_id as "ownerId", p.name,
  p.description, p.licence, p.tags, ${STANDING} as grants, p.created_by as "createdBy", p.created_at as "createdAt", p.updated_at as "updatedAt",
  p.seq, p.release, p.release_requested_by as "releaseRequestedBy", p.reviewer_id as "reviewerId", p.released_at as "releasedAt",
  p.sealed_at as "sealedAt", p.sealed_by as "sealedBy", p.manifest_sha256 as "manifestSha256"`;

/** A file as one row, `f`, with its pool as `p`. */
export const FILE_COLUMNS = `f.id, p.public_id as "poolId", f.name, f.version, f.current, f.artifact_id as "artifactId", f.size,
  f.sha256, f.media_type as "mediaType", f.format, f.licence, f.description, f.added_by as "addedBy", f.added_at as "addedAt",
  f.job_id as "jobId", f.item_index as "itemIndex"`;

export interface PoolRow extends Omit<DataPool, 'sealed'> {
  readonly grants: readonly Grant[];
  readonly sealedAt: Date | null;
  readonly sealedBy: string | null;
}

export interface FileRow extends Omit<DataPoolFile, 'source'> {
  readonly jobId: string | null;
  readonly itemIndex: number | null;
}

export const poolOfRow = ({ sealedAt, sealedBy, ...row }: PoolRow): DataPool => ({
  ...row,
  sealed: sealedAt === null || sealedBy === null ? null : { at: sealedAt, by: sealedBy },
});

export const fileOfRow = ({ jobId, itemIndex, ...row }: FileRow): DataPoolFile => ({
  ...row,
  source: jobId === null || itemIndex === null ? null : { jobId, itemIndex },
});
