import type { Database, Queryable } from '@weft/database';
import { ArrayOverlap, In, MoreThan, type FindOptionsWhere } from 'typeorm';
import type { ProvenanceReader, Viewer } from '../application/ports.js';
import type { Activity } from '../domain/node.js';
import { identity } from '../domain/statement.js';
import { nodeOfRow, NodeTable, type NodeRow } from './node-table.js';
import { isUuid, publicId } from './public-id.js';

/** Nodes by their ids, as far as the viewer is among their readers. */
export const nodeStore = (
  database: Database,
): Pick<ProvenanceReader, 'nodes' | 'activitiesOfJobs' | 'readableJobs'> => {
  const find = async ({ principals }: Viewer, where: FindOptionsWhere<NodeRow>) => {
    const readers = ArrayOverlap([...principals]);
    const rows = await database.dataSource.getRepository(NodeTable).find({ where: { ...where, readers } });
    return rows.map(nodeOfRow);
  };
  return {
    nodes: (viewer, ids) => find(viewer, { id: In(ids.filter(isUuid)) }),
    async activitiesOfJobs(viewer, jobIds) {
      const ids = jobIds.map((jobId) => publicId(identity.job(jobId)));
      const found = await find(viewer, { id: In(ids), revision: MoreThan(0) });
      return found.filter((node): node is Activity => node.kind === 'ACTIVITY');
    },
    readableJobs: (viewer, jobIds) => readableJobs(database, viewer, jobIds),
  };
};

/** A result may be open to more people than its job is: only these are told which job that was. */
export async function readableJobs(
  database: Queryable,
  { principals }: Viewer,
  jobIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (jobIds.length === 0) return new Set();
  const jobs = new Map(jobIds.map((jobId) => [publicId(identity.job(jobId)), jobId]));
  const rows = await database.query<{ id: string }>(
    {
      name: 'jobs-readable',
      text: 'select public_id as id from node where public_id = any ($1::uuid[]) and readers && $2::uuid[]',
    },
    [[...jobs.keys()], principals],
  );
  return new Set(rows.flatMap(({ id }) => jobs.get(id) ?? []));
}
