import { hasRole, type Actor } from '@weft/identity';
import { isFinalJobState } from '@weft/contracts';
import { done, refused, userError, type Outcome } from '@weft/errors';
import { JobChange } from '../domain/job-change.js';
import type { JobItem, TransitionActor } from '../domain/job.js';
import { bearJob, type BornJob } from '../domain/new-job.js';
import { judgeReferences, type References, type ReferenceVerdict } from '../domain/references.js';
import { commitChange } from './commit-change.js';
import type { LockedJob, Ports, Work } from './ports.js';
import { announceBirth } from './submit-job.js';

export const RETRY_ITEMS = ['FAILED', 'ALL'] as const;
/** FAILED: every item that did not succeed. ALL: every item, also those that succeeded. */
export type RetryItems = (typeof RETRY_ITEMS)[number];

export interface Retried {
  /** The same job while it was not final, else its successor. */
  readonly jobId: string;
}

/** Puts failed items of an open job back to PENDING; of a final job, which is frozen, it makes a successor. */
export function retryJob(
  ports: Ports,
  actor: Actor,
  correlationId: string,
  jobId: string,
  items: RetryItems,
): Promise<Outcome<Retried>> {
  return ports.transact(async (tx): Promise<Outcome<Retried>> => {
    const locked = await tx.jobs.lock(jobId);
    if (locked === undefined || !hasRole(actor, locked.job.organizationId, 'VIEWER')) {
      return refused(userError('NOT_FOUND', 'There is no such job.', 'input', 'id'));
    }
    if (!hasRole(actor, locked.job.organizationId, 'MAINTAINER')) {
      return refused(
        userError('FORBIDDEN', 'Retrying needs the role MAINTAINER in the organization.', 'input', 'id'),
      );
    }
    const by: TransitionActor = { kind: 'user', id: actor.id };
    return isFinalJobState(locked.job.state)
      ? succeed(ports, tx, locked, by, correlationId, items)
      : reopenItems(ports, tx, locked, by, items);
  });
}

async function reopenItems(
  ports: Ports,
  tx: Work,
  locked: LockedJob,
  by: TransitionActor,
  items: RetryItems,
): Promise<Outcome<Retried>> {
  if (items === 'ALL') {
    return refused(
      userError('CONFLICT', 'Only failed items can be retried while the job runs.', 'input', 'items'),
    );
  }
  if (locked.job.cancelRequestedAt !== null) {
    return refused(
      userError('CONFLICT', 'The job is being cancelled; retry it once it has ended.', 'input', 'id'),
    );
  }
  const change = new JobChange(locked.job, locked.items, locked.now);
  const failed = change.items('FAILED').map((item) => item.index);
  if (failed.length === 0) return nothingToRetry();
  change.move(failed, {
    to: 'PENDING',
    cause: 'RETRIED',
    actor: by,
    patch: () => ({ runAt: locked.now, failures: 0, losses: 0, startedAt: null }),
  });
  await commitChange(ports, tx, locked, change);
  return { ok: true, value: { jobId: locked.job.id } };
}

async function succeed(
  ports: Ports,
  tx: Work,
  locked: LockedJob,
  by: TransitionActor,
  correlationId: string,
  items: RetryItems,
): Promise<Outcome<Retried>> {
  const { job } = locked;
  const carried = carriedOf(locked, items);
  if (carried.size === job.itemsTotal) return nothingToRetry();
  const references = await tx.references.find(job.serviceVersionId, job.targetId, locked.input);
  const { size = null, image = null } = (await tx.jobs.inputOfJob(job.id)) ?? {};
  const verdict = judgeReferences(job.organizationId, { kind: job.kind, size, image }, references);
  if (verdict.errors.length > 0) return refused(...verdict.errors);
  const born = successorOf(ports, locked, carried, by, correlationId, references, verdict);
  await tx.jobs.insert([{ born, input: null, facts: locked.input, key: null }]);
  await tx.webhooks.inherit(job.id, born.job.id, ports.chance.newId());
  await tx.deadLetters.settle([job.id]);
  tx.afterCommit(() => announceBirth(ports, born.job, [born.transition]));
  return done({ jobId: born.job.id });
}

/** What a successor takes over. */
export const carriedOf = ({ items }: LockedJob, which: RetryItems): Map<number, JobItem> =>
  new Map(
    which === 'ALL'
      ? []
      : items.filter((item) => item.state === 'SUCCEEDED').map((item) => [item.index, item] as const),
  );

/** Runs a final job again under a new id, with the same inputs; in its batch it takes the place of the job. */
export function successorOf(
  ports: Ports,
  { job, now }: LockedJob,
  carried: ReadonlyMap<number, JobItem>,
  by: TransitionActor,
  correlationId: string,
  references: References,
  verdict: ReferenceVerdict,
): BornJob {
  return bearJob(
    {
      id: ports.chance.newId(),
      organizationId: job.organizationId,
      createdBy: by.id,
      name: job.name,
      kind: job.kind,
      serviceId: references.serviceVersion?.serviceId ?? job.serviceId,
      serviceVersionId: job.serviceVersionId,
      targetId: job.targetId,
      priority: job.priority,
      tags: job.tags,
      itemsTotal: job.itemsTotal,
      referenceDeadline:
        verdict.unknown.length > 0 ? new Date(now.getTime() + ports.timing.referenceWaitMs) : null,
      maxAttempts: job.maxAttempts,
      timeoutSeconds: job.timeoutSeconds,
      startAt: null,
      deadline: null,
      inputId: job.inputId,
      retryOf: job.id,
      definitionId: job.definitionId,
      definitionVersion: job.definitionVersion,
      plannedFor: job.plannedFor,
      rerunOf: job.rerunOf,
      batchId: job.batchId,
      batchIndex: job.batchIndex,
      gated: job.gated,
      correlationId,
      submittedAt: now,
    },
    carried,
    by,
  );
}

const nothingToRetry = (): Outcome<never> =>
  refused(
    userError(
      'JOB_NOTHING_TO_RETRY',
      'Every item succeeded or is still under way; there is nothing to retry.',
      'input',
      'id',
    ),
  );
