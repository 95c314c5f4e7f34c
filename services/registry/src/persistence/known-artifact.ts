import type { Statement, Tx } from '@weft/database';
import type { KnownArtifact } from '../application/data-pool-ports.js';
import { identity } from '../domain/statement.js';
import { publicId } from './public-id.js';

const ARTIFACT: Statement = {
  name: 'known-artifact',
  text: `select a.id, a.organization_id as "organizationId", a.name, a.media_type as "mediaType", a.size, a.sha256
    from known_artifact a where a.id = $1`,
};

/** Whose a result is now that its job was given away; null: it went with the job. */
const MOVED: Statement = {
  name: 'known-artifact-moved',
  text: `select case when r.deleted_at is null then r.organization_id end as "organizationId" from node n
    join known_job_record r on r.job_id = (n.facts ->> 'jobId')::uuid
    where n.public_id = $1 and n.kind = 'ENTITY'`,
};

/** Undefined: not heard of yet, or there is none. */
export async function knownArtifact(tx: Tx, id: string): Promise<KnownArtifact | undefined> {
  const [artifact] = await tx.query<Omit<KnownArtifact, 'identity'> & { organizationId: string }>(ARTIFACT, [
    id,
  ]);
  if (artifact === undefined) return undefined;
  const what = identity.artifact(artifact.organizationId, artifact.id);
  const [moved] = await tx.query<{ organizationId: string | null }>(MOVED, [publicId(what)]);
  return { ...artifact, ...moved, identity: what };
}
