// The operation of a job: the value that a dataset is becomes a file. It may be tried any number of times.
import { AppError } from '@weft/errors';
import { at } from '../domain/item-types/places.js';
import type { ActivityPorts } from './activity-ports.js';
import type { Operation } from './operations.js';
import { beginStep } from './write-activity.js';

/** @param sha256 of a text. */
export const storeResult =
  ({ transact }: ActivityPorts, sha256: (text: string) => string): Operation =>
  async (params, job) => {
    const workflowId = at(params, 'workflowId');
    if (typeof workflowId !== 'string')
      throw new AppError('BAD_USER_INPUT', 'The params of the job name no workflow.');
    const data = await transact(async (tx) => (await beginStep(tx, workflowId, 'store', job)).item.data);
    if (data?.kind === 'FILE') return { artifactId: data.artifactId };
    const value = await job.data();
    if (value === null)
      throw new AppError('NOT_FOUND', 'The job that made the result was deleted before it could be stored.');
    const bytes = new TextEncoder().encode(value);
    const artifactId = await job.store({ name: NAME, mediaType: 'application/json', kind: 'RESULT', bytes });
    return transact(async (tx) => {
      const { item } = await beginStep(tx, workflowId, 'store', job);
      // Another try was faster: its file is the one.
      if (item.data?.kind === 'FILE') return { artifactId: item.data.artifactId };
      const file = { kind: 'FILE', artifactId, size: bytes.length, sha256: sha256(value) } as const;
      await tx.dataStored(item, file, { organizationId: job.organizationId, name: NAME });
      await tx.tell({ ...(await tx.touch(item)), data: file }, 'DATA_STORED', job.correlationId);
      return { artifactId };
    });
  };

const NAME = 'result.json';
