import type { JobRecordChanged } from '@weft/contracts';
import type { Inbox, ProvenanceWriter, Transactions } from './ports.js';

export interface JobRecordNews {
  readonly messageId: string;
  readonly at: string;
  readonly change: JobRecordChanged;
}

export interface KeepJobRecords {
  (consumer: string, news: readonly JobRecordNews[]): Promise<void>;
}

/**
 * What a job did and made is seen by who owns the job; what it used and who acted stay with whom they belong to. Of a
 * deleted job the history stays, and says that the job is gone.
 */
export const keepJobRecords =
  (transactions: Transactions, inbox: Inbox, provenance: ProvenanceWriter): KeepJobRecords =>
  (consumer, news) =>
    transactions.transaction(async (tx) => {
      const first = await inbox.firstHearings(
        tx,
        consumer,
        news.map(({ messageId }) => messageId),
      );
      await provenance.keepJobs(
        tx,
        news
          .filter(({ messageId }) => first.has(messageId))
          .map(({ at, change: { jobId, revision, change, organizationId } }) => ({
            ...{ jobId, revision, organizationId },
            givenTo: change === 'TRANSFERRED' ? [organizationId] : [],
            deletedAt: change === 'DELETED' ? at : null,
          })),
      );
    });
