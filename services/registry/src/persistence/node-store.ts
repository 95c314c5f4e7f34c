import type { Database } from '@weft/database';
import { ArrayOverlap, In, MoreThan, type FindOptionsWhere } from 'typeorm';
import type { ProvenanceReader, Viewer } from '../application/ports.js';
import type { Activity } from '../domain/node.js';
import { identity } from '../domain/statement.js';
import { nodeOfRow, NodeTable, type NodeRow } from './node-table.js';
import { isUuid, publicId } from './public-id.js';

/** Nodes by their ids, as far as the viewer is among their readers. */
export const nodeStore = (database: Database): Pick<ProvenanceReader, 'nodes' | 'activitiesOfJobs'> => {
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
  };
};
