import { randomUUID } from 'node:crypto';
import { REGISTRY_TARGET, type ClaimedAttempt } from '@weft/contracts';
import { AppError } from '@weft/errors';
import type { Messaging } from '@weft/messaging';
import type { Logger, SyncPoint } from '@weft/telemetry';
import { startWorker, succeededItem, type RunContext, type Worker } from '@weft/worker';
import { BULK_OPERATION } from '../domain/activity-workflow.js';
import type { Operation, Operations } from '../application/operations.js';

export interface RegistryWorkerOptions {
  readonly messaging: Messaging;
  readonly operations: Operations;
  /** A job has succeeded: heard at once, where its event comes with those of all other jobs. */
  readonly succeeded: (job: { readonly jobId: string; readonly correlationId: string }) => Promise<void>;
  readonly logger: Logger;
  readonly syncPoint: SyncPoint;
}

/**
 * Jobs at the same time: many more than there are connections to the database. Much of the life of a job is its claim and its report,
 * and rows that run at the same time share a transaction: of 16 jobs they were four, which cost a third more each.
 */
const CAPACITY = 64;

/** Claims the registry's own jobs and runs their operations here. Each replica is a worker of its own. */
export const startRegistryWorker = (options: RegistryWorkerOptions): Worker =>
  startWorker({
    ...options,
    targetId: REGISTRY_TARGET,
    workerId: `${REGISTRY_TARGET}-${randomUUID()}`,
    capacity: CAPACITY,
    async accepted({ jobId, correlationId, code }, items) {
      // What came of a row is written with the row.
      if ('operation' in code && code.operation === BULK_OPERATION) return;
      if (!items.every(({ outcome }) => outcome === 'SUCCEEDED')) return;
      await options.succeeded({ jobId, correlationId }).catch((error: unknown) => {
        options.logger.warn({ err: error, jobId }, 'the success of a job was not noted; its event will tell');
      });
    },
    async run(attempt, context) {
      const operation = operationOf(options.operations, attempt);
      return Promise.all(attempt.items.map(({ index }) => runItem(operation, attempt, index, context)));
    },
  });

async function runItem(
  operation: Operation,
  { jobId, attempt, organizationId, createdBy, correlationId }: ClaimedAttempt,
  index: number,
  { input, inputText, signal, progress, store, others }: RunContext,
) {
  const given = await operation(await input('params'), {
    jobId,
    attempt,
    organizationId,
    userId: createdBy,
    correlationId,
    signal,
    progress,
    data: () => inputText('data'),
    store,
    others,
  });
  return succeededItem(index, given);
}

function operationOf(operations: Operations, { code }: ClaimedAttempt): Operation {
  const name = 'operation' in code ? code.operation : '';
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation === undefined)
    throw new AppError('OPERATION_UNKNOWN', `The registry has no operation ${name}.`);
  return operation;
}
