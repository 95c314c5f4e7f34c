// Nodes by what other services call the things that they stand for.
import type { Queryable, Statement } from '@weft/database';
import type { NamedNodes, Viewer } from '../application/ports.js';
import type { ProvenanceNode } from '../domain/node.js';
import { identity } from '../domain/statement.js';
import { NODE_COLUMNS, nodeOfRow, type NodeRow } from './node-table.js';
import { isUuid, publicId } from './public-id.js';

const NODES: Statement = {
  name: 'named-nodes',
  text: `select ${NODE_COLUMNS} from node n where n.public_id = any ($1::uuid[]) and n.readers && $2::uuid[]`,
};

// Whose it is, and the first dataset that holds it.
const ARTIFACTS: Statement = {
  name: 'named-artifacts',
  text: `select a.id as "artifactId", a.organization_id as "organizationId", null::uuid as "itemId"
    from known_artifact a where a.id = any ($1::uuid[])
    union all
    select held.* from (
      select distinct on (d.artifact_id) d.artifact_id, null::uuid, n.public_id
      from item_data d join node n on n.id = d.node
      where d.artifact_id = any ($1::uuid[]) and n.readers && $2::uuid[]
      order by d.artifact_id, d.node
    ) held`,
};

interface ArtifactRow {
  readonly artifactId: string;
  readonly organizationId: string | null;
  readonly itemId: string | null;
}

export function namedNodeStore(database: Queryable): NamedNodes {
  /** The first of each that the viewer may read. @param candidates public ids, each list in the order of preference. */
  const firsts = async (
    { principals }: Viewer,
    candidates: readonly (readonly string[])[],
  ): Promise<(ProvenanceNode | null)[]> => {
    const rows = await database.query<NodeRow>(NODES, [[...new Set(candidates.flat())], principals]);
    const found = new Map(rows.map((row) => [row.id, nodeOfRow(row)]));
    return candidates.map((ids) => ids.map((id) => found.get(id)).find((node) => node !== undefined) ?? null);
  };

  return {
    async ofArtifacts(viewer, ids) {
      const asked = ids.map((id) => id.toLowerCase());
      const known = await database.query<ArtifactRow>(ARTIFACTS, [asked.filter(isUuid), viewer.principals]);
      const about = Map.groupBy(known, ({ artifactId }) => artifactId);
      return firsts(
        viewer,
        asked.map((id) => {
          const rows = about.get(id) ?? [];
          const owners = rows.flatMap(({ organizationId }) => organizationId ?? []);
          const files = [...owners, ...viewer.organizations].map((one) => identity.artifact(one, id));
          return [...files.map(publicId), ...rows.flatMap(({ itemId }) => itemId ?? [])];
        }),
      );
    },

    ofTargets: (viewer, targets) =>
      firsts(
        viewer,
        targets.map(({ id, organizationId }) =>
          (organizationId === null ? viewer.organizations : [organizationId.toLowerCase()]).map((one) =>
            publicId(identity.target(one, id)),
          ),
        ),
      ),

    ofServiceVersions: (viewer, ids) =>
      firsts(
        viewer,
        ids.map((id) => [publicId(identity.serviceVersion(id.toLowerCase()))]),
      ),
  };
}
