import { isFinalJobState, type JobChanged } from '@weft/contracts';
import type { KnownJob } from '../domain/attempt.js';
import type { AttemptNews, JobNews, LogBell } from './ports.js';

/**
 * Keeps execution's copy of jobs and their attempts; news may repeat and overtake each other. Only what has a newer `seq`
 * is kept, so no inbox is needed; of several pieces of news about one thing only the newest is written.
 */
export async function hearJobsChanged(
  { news, bell }: { news: JobNews; bell: LogBell },
  facts: readonly JobChanged[],
): Promise<void> {
  const jobs = new Map<string, KnownJob>();
  const attempts = new Map<string, AttemptNews>();
  for (const fact of facts) {
    keepNewest(jobs, fact.jobId, jobOf(fact));
    for (const attempt of attemptsOf(fact)) keepNewest(attempts, `${fact.jobId}:${attempt.number}`, attempt);
  }
  await news.keep([...jobs.values()], [...attempts.values()]);
  // A log's followers wait for two pieces of news only: that the job exists, and that it has ended.
  for (const { jobId, state, transitions } of facts)
    if (transitions[0]?.seq === 1 || isFinalJobState(state)) bell.ring(jobId);
}

function keepNewest<T extends { readonly seq: number }>(known: Map<string, T>, key: string, told: T): void {
  if ((known.get(key)?.seq ?? 0) < told.seq) known.set(key, told);
}

const jobOf = (fact: JobChanged): KnownJob => ({
  id: fact.jobId,
  organizationId: fact.organizationId,
  state: fact.state,
  seq: fact.seq,
  targetId: fact.targetId,
  serviceVersionId: fact.serviceVersionId,
  inputArtifactIds: fact.inputs.artifactIds,
});

const attemptsOf = ({ jobId, seq, attempts }: JobChanged): AttemptNews[] =>
  attempts.map(({ number, fence, workerId, targetId, outcome, endedAt }) => ({
    jobId,
    number,
    seq,
    fence,
    workerId,
    targetId,
    outcome,
    endedAt: endedAt === null ? null : new Date(endedAt),
  }));
