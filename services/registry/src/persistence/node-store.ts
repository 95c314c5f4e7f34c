import type { Database } from '@weft/database';
import { In, MoreThan, type FindOptionsWhere } from 'typeorm';
import type { ProvenanceReader } from '../application/ports.js';
import type { Activity } from '../domain/node.js';
import { identity } from '../domain/statement.js';
import { nodeOfRow, NodeTable, type NodeRow } from './node-table.js';
import { isUuid, publicId } from './public-id.js';

/** Nodes by their ids: their organization's members see them, and everybody what is public. */
export const nodeStore = (database: Database): Pick<ProvenanceReader, 'nodes' | 'activitiesOfJobs'> => {
  const find = async (organizations: readonly string[], where: FindOptionsWhere<NodeRow>) => {
    const rows = await database.dataSource.getRepository(NodeTable).find({
      where: [
        { ...where, organizationId: In(organizations) },
        { ...where, isPublic: true },
      ],
    });
    return rows.map(nodeOfRow);
  };
  return {
    nodes: (organizations, ids) => find(organizations, { id: In(ids.filter(isUuid)) }),
    async activitiesOfJobs(organizations, jobIds) {
      const ids = jobIds.map((jobId) => publicId(identity.job(jobId)));
      const found = await find(organizations, { id: In(ids), revision: MoreThan(0) });
      return found.filter((node): node is Activity => node.kind === 'ACTIVITY');
    },
  };
};
