// What people change of a job beside its lifecycle. Every change is in the record's own history, under the job's row lock.
import { isFinalJobState } from '@weft/contracts';
import { done, refused, userError, type Outcome, type UserError } from '@weft/errors';
import { hasRole, type Actor } from '@weft/identity';
import { changesOf, checkPatch, type JobRecord, type RecordPatch } from '../domain/job-record.js';
import type { TransitionActor } from '../domain/job.js';
import type { Ports, Work } from './ports.js';

export const MAX_RETENTION_DAYS = 36_500;

const noJob = userError('NOT_FOUND', 'There is no such job.', 'input', 'id');
const forbidden = (message: string, field = 'id'): UserError =>
  userError('FORBIDDEN', message, 'input', field);
const notFinal = (what: string, { state }: JobRecord): UserError =>
  userError(
    'JOB_NOT_FINAL',
    `Only a job that has ended can be ${what}; this one is ${state}.`,
    'input',
    'id',
  );

const mayRead = (actor: Actor, record: JobRecord): boolean => hasRole(actor, record.organizationId, 'VIEWER');
const byUser = (actor: Actor): TransitionActor => ({ kind: 'user', id: actor.id });

/** The priority of a job that waits is its place in the queue from now on; that of one that ran is left as it was. */
export function updateJob(
  ports: Ports,
  actor: Actor,
  id: string,
  patch: RecordPatch,
): Promise<Outcome<{ jobId: string }>> {
  return ports.transact(async (tx) => {
    const record = await tx.records.lock(id);
    if (record === undefined || !mayRead(actor, record)) return refused(noJob);
    if (!hasRole(actor, record.organizationId, 'MAINTAINER'))
      return refused(forbidden('Changing a job needs the role MAINTAINER in its organization.'));
    const wrong = checkPatch(patch);
    const changes = changesOf(record, patch);
    if (changes.some(({ field }) => field === 'priority') && isFinalJobState(record.state))
      wrong.push(
        userError(
          'JOB_ALREADY_FINAL',
          'The job has ended; it has no place in the queue.',
          'input',
          'priority',
        ),
      );
    if (wrong.length > 0) return refused(...wrong);
    if (changes.length === 0) return done({ jobId: id });
    const entry = { action: 'UPDATED', changes, actor: byUser(actor), at: record.now } as const;
    const revision = await tx.records.audit(record, entry);
    const fields = changes.map(({ field }) => field);
    await tx.records.update(record, patch, fields, revision, record.now);
    tx.afterCommit(() => ports.recent.forget(record.id));
    return done({ jobId: id });
  });
}

/** To an organization in which the actor may submit jobs, out of one that the actor owns. */
export function transferJob(
  ports: Ports,
  actor: Actor,
  id: string,
  organizationId: string,
): Promise<Outcome<{ jobId: string }>> {
  return ports.transact(async (tx) => {
    const record = await tx.records.lock(id);
    if (record === undefined || !mayRead(actor, record)) return refused(noJob);
    if (!hasRole(actor, record.organizationId, 'OWNER'))
      return refused(forbidden('Giving a job away needs the role OWNER in its organization.'));
    if (!hasRole(actor, organizationId, 'MAINTAINER'))
      return refused(
        forbidden('Taking a job in needs the role MAINTAINER in the other organization.', 'organizationId'),
      );
    if (!isFinalJobState(record.state)) return refused(notFinal('transferred', record));
    if (record.organizationId === organizationId) return done({ jobId: id });
    if (record.batchId !== null)
      return refused(
        userError('CONFLICT', `The job stays with its batch or workflow ${record.batchId}.`, 'input', 'id'),
      );
    const changes = [{ field: 'organizationId', from: record.organizationId, to: organizationId }];
    const entry = { action: 'TRANSFERRED', changes, actor: byUser(actor), at: record.now } as const;
    await tx.records.transfer(record, organizationId, await tx.records.audit(record, entry), record.now);
    return done({ jobId: id });
  });
}

/** For good, with items, attempts, history and inputs; a tombstone and the record's history stay. */
export function deleteJob(ports: Ports, actor: Actor, id: string): Promise<Outcome<{ jobId: string }>> {
  return ports.transact(async (tx) => {
    const record = await tx.records.lock(id);
    if (record === undefined || !mayRead(actor, record)) return refused(noJob);
    const own = record.createdBy === actor.id && hasRole(actor, record.organizationId, 'MAINTAINER');
    if (!own && !hasRole(actor, record.organizationId, 'OWNER'))
      return refused(
        forbidden('Deleting needs the role OWNER in the organization, or MAINTAINER for a job of your own.'),
      );
    if (!isFinalJobState(record.state)) return refused(notFinal('deleted; cancel it first', record));
    const heir = await tx.records.carriedInto(record.id);
    if (heir !== undefined)
      return refused(
        userError('CONFLICT', `Job ${heir} holds results of this one; delete that one first.`, 'input', 'id'),
      );
    await deleteLocked(tx, record, byUser(actor), record.now);
    return done({ jobId: id });
  });
}

/** How long an organization keeps its final jobs; null: for ever. */
export function setRetention(
  ports: Ports,
  actor: Actor,
  organizationId: string,
  days: number | null,
): Promise<Outcome<{ organizationId: string }>> {
  return ports.transact(async (tx) => {
    if (!hasRole(actor, organizationId, 'OWNER'))
      return refused(forbidden('This needs the role OWNER in the organization.', 'organizationId'));
    if (days !== null && (!Number.isInteger(days) || days < 1 || days > MAX_RETENTION_DAYS))
      return refused(
        userError('BAD_USER_INPUT', `days is an integer from 1 to ${MAX_RETENTION_DAYS}.`, 'input', 'days'),
      );
    await tx.records.setRetention(organizationId, days, actor.id);
    return done({ organizationId });
  });
}

const RETENTION: TransitionActor = { kind: 'system', id: 'retention' };
const A_TRANSACTION = 100;
const A_ROUND = 50;

/** Deletes what organizations keep no longer, a bounded number a round; gives how many. */
export async function deleteOutlived(ports: Ports): Promise<number> {
  let total = 0;
  for (let round = 0; round < A_ROUND; round++) {
    const deleted = await ports.transact(async (tx) => {
      const records = await tx.records.lockOutlived(A_TRANSACTION);
      for (const record of records) await deleteLocked(tx, record, RETENTION, record.now);
      return records.length;
    });
    total += deleted;
    if (deleted < A_TRANSACTION) break;
  }
  return total;
}

async function deleteLocked(tx: Work, record: JobRecord, by: TransitionActor, at: Date): Promise<void> {
  const revision = await tx.records.audit(record, { action: 'DELETED', changes: [], actor: by, at });
  await tx.records.delete(record, revision, by, at);
}
