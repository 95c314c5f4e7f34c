import { hasRole, type Actor } from '@weft/identity';
import { done, refused, userError, type Outcome } from '@weft/errors';
import { openJobs, type Batch } from '../domain/batch.js';
import type { UnfinishedCancel } from './batch-ports.js';
import { cancelWhere } from './cancel-jobs.js';
import type { Ports } from './ports.js';

export type Grouping = 'batch' | 'workflow';
export const groupingOf = ({ onFailure }: Pick<Batch, 'onFailure'>): Grouping =>
  onFailure === null ? 'batch' : 'workflow';

/** A batch or workflow that the actor may change; else why not. */
export function changeable(
  batch: Batch | undefined,
  actor: Actor,
  doing: string,
  grouping: Grouping = 'batch',
): Outcome<Batch> {
  if (
    batch === undefined ||
    groupingOf(batch) !== grouping ||
    !hasRole(actor, batch.organizationId, 'VIEWER')
  )
    return refused(userError('NOT_FOUND', `There is no such ${grouping}.`, 'input', 'id'));
  if (!hasRole(actor, batch.organizationId, 'MAINTAINER'))
    return refused(
      userError('FORBIDDEN', `${doing} needs the role MAINTAINER in the organization.`, 'input', 'id'),
    );
  return done(batch);
}

/** Well below the time that a gateway waits for an answer. */
const PATIENCE_MS = 10_000;

/**
 * The request is kept first and then carried to the jobs: if this process dies, another goes on (keep-batches.ts). So
 * the answer need not wait for the last of them: after a while it tells how many it concerns.
 */
export async function cancelBatch(
  ports: Ports,
  actor: Actor,
  batchId: string,
  grouping: Grouping = 'batch',
  patienceMs = PATIENCE_MS,
): Promise<Outcome<{ batchId: string; jobs: number }>> {
  const asked = await ports.transact(async (tx): Promise<Outcome<Batch>> => {
    const found = changeable(await tx.batches.lock(batchId), actor, 'Cancelling', grouping);
    if (!found.ok) return found;
    if (openJobs(found.value) === 0)
      return refused(
        userError(
          'JOB_ALREADY_FINAL',
          `Every job of the ${grouping} has ended; it cannot be cancelled any more.`,
          'input',
          'id',
        ),
      );
    await tx.batches.askToCancel(batchId, actor.id);
    return found;
  });
  if (!asked.ok) return asked;
  const { organizationId } = asked.value;
  const carried = carryOut(ports, { batchId, organizationId, askedBy: actor.id });
  return done({ batchId, jobs: await orAfter(patienceMs, carried, openJobs(asked.value)) });
}

async function orAfter<T>(ms: number, work: Promise<T>, instead: T): Promise<T> {
  // What fails after the answer is gone on with by whoever keeps batches.
  void work.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => (timer = setTimeout(resolve, ms, instead)));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Carries a kept request to the jobs that it has not reached. */
export async function carryOut(
  ports: Ports,
  { batchId, organizationId, askedBy }: UnfinishedCancel,
): Promise<number> {
  let jobs = 0;
  for (let more = true; more;) {
    const cancelled = await cancelWhere(ports, [organizationId], { batchId }, { kind: 'user', id: askedBy });
    jobs += cancelled.jobs;
    more = cancelled.more;
  }
  await ports.transact(async (tx) => {
    await tx.batches.cancelReached(batchId);
    tx.afterCommit(() => ports.signals.stepEnded());
  });
  return jobs;
}
