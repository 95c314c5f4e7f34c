import { outcomeOf, refuse } from '@weft/errors';
import { rolesOf } from '../domain/access.js';
import type { DataPool } from '../domain/data-pool.js';
import { requireOpen } from './data-pool-rights.js';
import { addFile } from './fill-data-pool.js';
import type {
  SavedResultPorts,
  SavedResultWork,
  SettledResult,
  WaitingResult,
} from './saved-result-ports.js';

export type SaveResults = ReturnType<typeof saveResults>;

/**
 * Puts results of jobs into the data pools that these named, until nothing is left that can be put there. Whoever asked is
 * judged again, by the rights of the pool now; a refusal stays with the result, and the job is what it was.
 */
export const saveResults = (ports: SavedResultPorts) => async (): Promise<void> => {
  const failed: string[] = [];
  for (;;) {
    let current: string | undefined;
    try {
      const found = await ports.transact(async (tx) => {
        const waiting = await tx.takeWaiting(failed);
        const [first] = waiting;
        if (first === undefined) return false;
        current = first.jobId;
        await tx.settle(await settled(ports, tx, waiting));
        await ports.beforeCommit?.();
        return true;
      });
      if (!found) return;
    } catch (error) {
      if (current === undefined) throw error;
      failed.push(current);
      ports.stuck(current, error);
    }
  }
};

/** All of one job, and so for one pool. */
async function settled(
  ports: SavedResultPorts,
  tx: SavedResultWork,
  waiting: readonly WaitingResult[],
): Promise<SettledResult[]> {
  const results: SettledResult[] = [];
  for (const result of waiting) {
    const outcome = await outcomeOf(() => save(ports, tx, result));
    const [error = null] = outcome.ok ? [] : outcome.errors;
    results.push({ key: result.key, fileId: outcome.ok ? outcome.value : null, error });
  }
  return results;
}

/** Refused, it has written nothing. */
async function save(ports: SavedResultPorts, tx: SavedResultWork, result: WaitingResult): Promise<string> {
  const pool = await writable(tx, result);
  const artifact = await tx.artifact(result.artifactId);
  if (artifact === undefined)
    refuse('REFERENCE_UNKNOWN', 'Nothing was heard of the file of this result for a day.');
  if (artifact.organizationId !== result.organizationId)
    refuse('FORBIDDEN', 'The job was deleted or given away before its result was saved.');
  const { fileId } = await addFile(ports, tx, result, pool, artifact, {
    name: result.fileName,
    source: { jobId: result.jobId, itemIndex: result.itemIndex },
  });
  return fileId;
}

async function writable(tx: SavedResultWork, { poolId, principals }: WaitingResult): Promise<DataPool> {
  const pool = await tx.lockUnseen(poolId);
  if (pool === undefined) refuse('NOT_FOUND', 'The data pool was deleted before the result was saved.');
  if (!rolesOf(principals, pool).has('DATA_WRITE'))
    refuse(
      'FORBIDDEN',
      'Whoever submitted the job may not put files into the data pool any more (role DATA_WRITE).',
    );
  requireOpen(pool);
  return pool;
}
