// Successors: new jobs that run final ones again with the inputs that those were submitted with; in a batch or workflow they
// take their places.
import type { JobItem, TransitionActor } from '../domain/job.js';
import { bearJob } from '../domain/new-job.js';
import { judgeReferences, type References, type ReferenceVerdict } from '../domain/references.js';
import type { Birth, LockedJob, Ports, RepeatedJob, Work } from './ports.js';

export const RETRY_ITEMS = ['FAILED', 'ALL'] as const;
/** FAILED: every item that did not succeed. ALL: every item, also those that succeeded. */
export type RetryItems = (typeof RETRY_ITEMS)[number];

/** Who asked for it, and in which request. */
export interface Asked {
  readonly by: TransitionActor;
  readonly correlationId: string;
}

export interface Judged {
  readonly references: References;
  readonly verdict: ReferenceVerdict;
}

/** Jobs that are repeated together are of a few kinds: what they refer to is looked up and judged once for those that are alike. */
export function createJudge(): (tx: Work, one: RepeatedJob) => Promise<Judged> {
  const judge = async (tx: Work, { job, input, wishes }: RepeatedJob): Promise<Judged> => {
    const references = await tx.references.find(job.serviceVersionId, job.targetId, input);
    return {
      references,
      verdict: judgeReferences(job.organizationId, { ...job, ...input, ...wishes }, references),
    };
  };
  const known = new Map<string, Promise<Judged>>();
  return (tx, one) => {
    const { organizationId, serviceVersionId, targetId } = one.job;
    const { dataArtifactId, codeArtifactId } = one.input;
    const { kind, size, image } = one.wishes;
    const same = [
      organizationId,
      serviceVersionId,
      targetId,
      dataArtifactId,
      codeArtifactId,
      kind,
      size,
      image,
    ];
    const key = JSON.stringify(same);
    const found = known.get(key) ?? judge(tx, one);
    known.set(key, found);
    return found;
  };
}

/** What a successor takes over. */
export const carriedOf = ({ items }: LockedJob, which: RetryItems): Map<number, JobItem> =>
  new Map(
    which === 'ALL'
      ? []
      : items.filter((item) => item.state === 'SUCCEEDED').map((item) => [item.index, item] as const),
  );

export function successorOf(
  ports: Ports,
  { job, input, now }: RepeatedJob,
  carried: ReadonlyMap<number, JobItem>,
  { by, correlationId }: Asked,
  { references, verdict }: Judged,
): Birth {
  const born = bearJob(
    {
      id: ports.chance.newId(),
      organizationId: job.organizationId,
      createdBy: by.id,
      name: job.name,
      kind: job.kind,
      operation: job.operation,
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
      needsMet: job.needsMet === null ? null : false,
      needs: null,
      gated: job.gated,
      correlationId,
      submittedAt: now,
    },
    carried,
    by,
  );
  return { born, input: null, facts: input, key: null };
}

/** Writes them; what they succeed is dealt with, and its webhooks go on with them. */
export async function bearSuccessors(ports: Ports, tx: Work, births: readonly Birth[]): Promise<void> {
  if (births.length === 0) return;
  await tx.jobs.insert(births);
  const steps = births.flatMap(({ born: { job } }) => (job.needsMet === null ? [] : [job.batchId ?? '']));
  for (const workflowId of new Set(steps)) await tx.workflows.tellNews(workflowId);
  const heirs = births.map(({ born: { job } }) => ({
    id: ports.chance.newId(),
    fromJobId: job.retryOf ?? '',
    toJobId: job.id,
  }));
  await tx.webhooks.inherit(heirs);
  await tx.deadLetters.settle(heirs.map(({ fromJobId }) => fromJobId));
  tx.afterCommit(() => {
    if (steps.length > 0) ports.signals.stepEnded();
    for (const { born } of births) ports.signals.jobChanged(born.job, [born.transition]);
    const claimable = births.filter(({ born }) => born.job.claimableAt !== null);
    for (const targetId of new Set(claimable.map(({ born }) => born.job.targetId)))
      ports.signals.claimable(targetId);
  });
}
