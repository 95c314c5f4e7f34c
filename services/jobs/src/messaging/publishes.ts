// From what happened here to what is told: the one place that knows the contract's words for a job's transitions.
import {
  isFinalJobState,
  jobChanged,
  type AttemptFact,
  type JobChanged,
  type JobTransitionFact,
} from '@weft/contracts';
import { draftOf, fitsMessage, outboxRow, type OutboxRow } from '@weft/outbox';
import type { ResultUse } from '../domain/input-trace.js';
import type { Attempt, Job, JobItem, Transition } from '../domain/job.js';
import type { InputFacts } from '../application/ports.js';

export interface JobFacts {
  readonly job: Job;
  readonly items: readonly JobItem[];
  readonly attempts: readonly Attempt[];
  readonly transitions: readonly Transition[];
  readonly input: InputFacts;
}

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export const transitionFact = (transition: Transition): JobTransitionFact => ({
  seq: transition.seq,
  at: transition.at.toISOString(),
  cause: transition.cause,
  actor: { ...transition.actor },
  from: transition.from,
  to: transition.to,
  reason: transition.reason,
  attempt: transition.attempt,
  items: [...transition.items],
  message: transition.message,
});

const attemptFact = (attempt: Attempt): AttemptFact => ({
  number: attempt.number,
  fence: attempt.fence,
  workerId: attempt.workerId,
  targetId: attempt.targetId,
  outcome: attempt.outcome,
  firstItem: Math.min(...attempt.items),
  lastItem: Math.max(...attempt.items),
  claimedAt: attempt.claimedAt.toISOString(),
  endedAt: iso(attempt.endedAt),
  ...(attempt.environment === null ? {} : { environment: attempt.environment }),
});

function payloadOf({ job, items, attempts, transitions, input }: JobFacts): JobChanged {
  // Of a history told in several messages only the last one may say that the job has ended.
  const { seq, to: state } = transitions.at(-1) ?? { seq: job.seq, to: job.state };
  return {
    jobId: job.id,
    organizationId: job.organizationId,
    createdBy: job.createdBy,
    name: job.name,
    kind: job.kind,
    serviceId: job.serviceId,
    serviceVersionId: job.serviceVersionId,
    ...definitionOf(job),
    targetId: job.targetId,
    operation: job.operation,
    state,
    seq,
    itemsTotal: job.itemsTotal,
    submittedAt: job.submittedAt.toISOString(),
    startedAt: iso(job.startedAt),
    endedAt: isFinalJobState(state) ? iso(job.endedAt) : null,
    retryOf: job.retryOf,
    batchId: job.batchId,
    ...(job.needsMet === null ? {} : { needs: [...(job.needs ?? [])] }),
    inputs: {
      dataSha256: input.dataSha256,
      paramsSha256: input.paramsSha256,
      artifactIds: [input.dataArtifactId, input.codeArtifactId].filter((id) => id !== null),
      ...(input.codeArtifactId === null ? {} : { codeArtifactId: input.codeArtifactId }),
      ...(input.commandSha256 === null ? {} : { commandSha256: input.commandSha256 }),
      ...(input.trace?.results === undefined ? {} : { results: resultsOf(input.trace.results) }),
    },
    transitions: transitions.map(transitionFact),
    attempts: attempts.map(attemptFact),
    outcomes: isFinalJobState(state)
      ? items.map((item) => ({
          index: item.index,
          state: item.state,
          attempt: item.attempt,
          resultSha256: item.resultSha256,
          resultArtifactId: item.resultArtifactId,
          errorCode: item.error?.code ?? null,
          carriedFrom: item.carriedFrom,
          ...paramsOf(input, item.index),
        }))
      : [],
    ...(input.resultPool !== null && isFinalJobState(state) ? { resultPool: input.resultPool } : {}),
  };
}

const definitionOf = ({
  definitionId: id,
  definitionVersion: version,
}: Job): Pick<JobChanged, 'definition'> =>
  id === null || version === null ? {} : { definition: { id, version } };

const resultsOf = (results: readonly ResultUse[]) =>
  results.map(({ items, ...use }) => ({
    ...use,
    items: items.map(([first, last]): [number, number] => [first, last]),
  }));

function paramsOf({ trace }: InputFacts, index: number): { readonly paramsSha256?: string } {
  const paramsSha256 = trace?.items?.[index];
  return paramsSha256 == null ? {} : { paramsSha256 };
}

/** Consecutive transitions travel in one message as long as it stays within the limit; the facts go with the last. */
export function announceJob(facts: JobFacts): OutboxRow[] {
  const last = facts.transitions.at(-1);
  if (last === undefined) return [];
  const payload = payloadOf(facts);
  const row = draftOf(jobChanged, payload, last.at, facts.job.correlationId);
  if (fitsMessage(row)) return [row];
  if (facts.transitions.length === 1) {
    // Every attempt was told when it was claimed: at the end those are enough that brought the outcomes.
    const named = new Set(facts.items.map((item) => item.attempt));
    const attempts = payload.attempts.filter((attempt) => named.has(attempt.number));
    return [outboxRow(jobChanged, { ...payload, attempts }, last.at, facts.job.correlationId)];
  }
  const half = Math.ceil(facts.transitions.length / 2);
  return [
    ...announceJob({ ...facts, attempts: [], items: [], transitions: facts.transitions.slice(0, half) }),
    ...announceJob({ ...facts, transitions: facts.transitions.slice(half) }),
  ];
}
