import { isFinalJobState, type JobChanged } from '@weft/contracts';
import { statementsOfJob } from '../domain/finished-job.js';
import { mergeStatements } from '../domain/statement.js';
import type { Inbox, ProvenanceWriter, Transactions } from './ports.js';

export interface JobNews {
  readonly messageId: string;
  readonly job: JobChanged;
}

export interface RecordFinishedJobs {
  (consumer: string, news: readonly JobNews[]): Promise<void>;
}

/** Writes the provenance of jobs that have ended, all in one transaction. A job that has not is no news here. */
export const recordFinishedJobs =
  (transactions: Transactions, inbox: Inbox, provenance: ProvenanceWriter): RecordFinishedJobs =>
  async (consumer, news) => {
    const told = news.flatMap(({ messageId, job: { state, ...job } }) =>
      isFinalJobState(state) ? [{ messageId, job: { ...job, state } }] : [],
    );
    if (told.length === 0) return;
    await transactions.transaction(async (tx) => {
      const first = await inbox.firstHearings(
        tx,
        consumer,
        told.map(({ messageId }) => messageId),
      );
      const fresh = told.filter(({ messageId }) => first.has(messageId)).map(({ job }) => job);
      if (fresh.length === 0) return;
      const kept = await provenance.keptJobs(
        tx,
        fresh.map(({ jobId }) => jobId),
      );
      const stories = fresh.map((job) => statementsOfJob(job, kept.get(job.jobId)));
      await provenance.record(tx, mergeStatements(stories));
    });
  };
