import type { Statement, Tx } from '@weft/database';
import type { ProvenanceWriter } from '../application/ports.js';
import { identity } from '../domain/statement.js';
import { isUuid, publicId } from './public-id.js';

// A file is named with the organization whose job used it (ADR 11); in a pool it is what its owner calls it.
const JOIN: Statement = {
  name: 'pool-files-join',
  text: `insert into edge (src, dst, relation, role, organization_id)
    select distinct used.id, file.node, 'ALTERNATE_OF', '', used.organization_id
    from unnest($1::uuid[], $2::uuid[]) as told (public_id, artifact_id)
    cross join lateral (select node from data_pool_file where artifact_id = told.artifact_id limit 1) file
    cross join lateral (select id, organization_id from node where public_id = told.public_id limit 1) used
    where used.id <> file.node
    on conflict do nothing`,
};

export const poolFileNames: Pick<ProvenanceWriter, 'joinPoolFiles'> = {
  async joinPoolFiles(tx: Tx, used) {
    const files = used.filter(({ artifactId }) => isUuid(artifactId));
    if (files.length === 0) return;
    const ids = files.map(({ organizationId, artifactId }) =>
      publicId(identity.artifact(organizationId, artifactId)),
    );
    await tx.query(JOIN, [ids, files.map(({ artifactId }) => artifactId)]);
  },
};
