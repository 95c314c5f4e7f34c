import { isFinalJobState, type JobChanged } from '@weft/contracts';
import { statementsOfJob } from '../domain/finished-job.js';
import type { Inbox, ProvenanceWriter, Transactions } from './ports.js';

export interface RecordFinishedJob {
  (consumer: string, messageId: string, job: JobChanged): Promise<void>;
}

/** Writes the provenance of a job that has ended. A job that has not is no news here. */
export const recordFinishedJob =
  (transactions: Transactions, inbox: Inbox, provenance: ProvenanceWriter): RecordFinishedJob =>
  async (consumer, messageId, job) => {
    const { state } = job;
    if (!isFinalJobState(state)) return;
    const statements = statementsOfJob({ ...job, state });
    await transactions.transaction(async (tx) => {
      if (await inbox.firstHearing(tx, consumer, messageId)) await provenance.record(tx, statements);
    });
  };
