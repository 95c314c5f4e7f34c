import type { AttemptView } from '../application/job-reader.js';
import type { Job, JobItem, Transition } from '../domain/job.js';
import { phaseOf } from '../domain/roll-up.js';
import type { AttemptType, JobItemType, JobTransitionType, JobType } from './job.type.js';

export const presentJob = (job: Job): JobType => ({
  source: job,
  id: job.id,
  name: job.name,
  kind: job.kind,
  operation: job.operation,
  state: job.state,
  phase: phaseOf(job.state),
  reason: job.reason,
  seq: job.seq,
  priority: job.priority,
  tags: [...job.tags],
  maxAttempts: job.maxAttempts,
  timeoutSeconds: job.timeoutSeconds,
  startAt: job.startAt,
  deadline: job.deadline,
  itemCounts: {
    total: job.itemsTotal,
    pending: job.counts.PENDING,
    dequeued: job.counts.DEQUEUED,
    inProgress: job.counts.IN_PROGRESS,
    cancelling: job.counts.CANCELLING,
    succeeded: job.counts.SUCCEEDED,
    failed: job.counts.FAILED,
    cancelled: job.counts.CANCELLED,
  },
  correlationId: job.correlationId,
  cancelRequestedAt: job.cancelRequestedAt,
  submittedAt: job.submittedAt,
  dequeuedAt: job.dequeuedAt,
  startedAt: job.startedAt,
  endedAt: job.endedAt,
});

export const presentItem = (item: JobItem): JobItemType => ({
  id: `${item.jobId}:${item.index}`,
  index: item.index,
  state: item.state,
  attempt: item.attempt,
  failures: item.failures,
  losses: item.losses,
  result: item.result === null ? null : JSON.parse(item.result),
  resultArtifactId: item.resultArtifactId,
  error: item.error,
  carriedOver: item.carriedFrom !== null,
  startedAt: item.startedAt,
  endedAt: item.endedAt,
});

export const presentAttempt = (attempt: AttemptView): AttemptType => ({
  id: `${attempt.jobId}:${attempt.number}`,
  number: attempt.number,
  workerId: attempt.workerId,
  items: [...attempt.items],
  outcome: attempt.outcome,
  progress: attempt.progress,
  progressMessage: attempt.progressMessage,
  claimedAt: attempt.claimedAt,
  startedAt: attempt.startedAt,
  endedAt: attempt.endedAt,
  leaseUntil: attempt.leaseUntil,
});

export const presentTransition = (transition: Transition): JobTransitionType => ({
  seq: transition.seq,
  at: transition.at,
  cause: transition.cause,
  actor: { ...transition.actor },
  from: transition.from,
  to: transition.to,
  reason: transition.reason,
  attempt: transition.attempt,
  items: transition.items.map((move) => ({ ...move })),
  message: transition.message,
});
