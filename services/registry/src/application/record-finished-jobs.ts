import { isFinalJobState, type JobChanged } from '@weft/contracts';
import { statementsOfJob } from '../domain/finished-job.js';
import { resultWishesOf } from '../domain/saved-result.js';
import { mergeStatements } from '../domain/statement.js';
import type { Inbox, ProvenanceWriter, Transactions } from './ports.js';
import type { ResultWishes } from './saved-result-ports.js';

export interface JobNews {
  readonly messageId: string;
  /** Of the request that the job came with. */
  readonly correlationId?: string;
  readonly job: JobChanged;
}

export interface RecordFinishedJobs {
  (consumer: string, news: readonly JobNews[]): Promise<void>;
}

/**
 * Writes the provenance of jobs that have ended, and takes down which data pools are to keep their results, all in one
 * transaction. A job that has not ended is no news here.
 */
export const recordFinishedJobs =
  (
    transactions: Transactions,
    inbox: Inbox,
    provenance: ProvenanceWriter,
    wishes: ResultWishes,
  ): RecordFinishedJobs =>
  async (consumer, news) => {
    const told = news.flatMap(({ messageId, correlationId = messageId, job: { state, ...job } }) =>
      isFinalJobState(state) ? [{ messageId, correlationId, job: { ...job, state } }] : [],
    );
    if (told.length === 0) return;
    await transactions.transaction(async (tx) => {
      const first = await inbox.firstHearings(
        tx,
        consumer,
        told.map(({ messageId }) => messageId),
      );
      const fresh = told.filter(({ messageId }) => first.has(messageId));
      if (fresh.length === 0) return;
      const kept = await provenance.keptJobs(
        tx,
        fresh.map(({ job: { jobId } }) => jobId),
      );
      const stories = fresh.map(({ job }) => statementsOfJob(job, kept.get(job.jobId)));
      await provenance.record(tx, mergeStatements(stories));
      await provenance.joinPoolFiles(
        tx,
        fresh.flatMap(({ job: { organizationId, inputs } }) =>
          inputs.artifactIds.map((artifactId) => ({ organizationId, artifactId })),
        ),
      );
      await wishes.keep(
        tx,
        fresh.flatMap(({ job, correlationId }) => resultWishesOf(job, correlationId)),
      );
    });
  };
