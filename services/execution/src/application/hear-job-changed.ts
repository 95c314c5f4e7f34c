import { isFinalJobState, type JobChanged } from '@weft/contracts';
import type { LogBell, Transact } from './ports.js';

/** Keeps execution's copy of a job and its attempts; news may repeat and overtake each other. */
export async function hearJobChanged(
  { transact, bell }: { transact: Transact; bell: LogBell },
  consumer: string,
  messageId: string,
  fact: JobChanged,
): Promise<void> {
  await transact(async (tx) => {
    if (!(await tx.inbox.firstHearing(consumer, messageId))) return;
    await tx.jobs.keep({
      id: fact.jobId,
      organizationId: fact.organizationId,
      state: fact.state,
      seq: fact.seq,
      targetId: fact.targetId,
      serviceVersionId: fact.serviceVersionId,
      inputArtifactIds: fact.inputs.artifactIds,
    });
    for (const attempt of fact.attempts) {
      await tx.jobs.keepAttempt(
        {
          jobId: fact.jobId,
          number: attempt.number,
          fence: attempt.fence,
          workerId: attempt.workerId,
          targetId: attempt.targetId,
          outcome: attempt.outcome,
          endedAt: attempt.endedAt === null ? null : new Date(attempt.endedAt),
        },
        fact.seq,
      );
    }
    // A log's followers wait for two pieces of news only: that the job exists, and that it has ended.
    if (fact.transitions[0]?.seq === 1 || isFinalJobState(fact.state))
      tx.afterCommit(() => bell.ring(fact.jobId));
  });
}
