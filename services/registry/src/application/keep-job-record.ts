import type { JobRecordChanged } from '@weft/contracts';
import type { Inbox, ProvenanceWriter, Transactions } from './ports.js';

export interface KeepJobRecord {
  (consumer: string, messageId: string, at: string, change: JobRecordChanged): Promise<void>;
}

/**
 * What a job did and made is seen by who owns the job; what it used and who acted stay with whom they belong to. Of a
 * deleted job the history stays, and says that the job is gone.
 */
export const keepJobRecord =
  (transactions: Transactions, inbox: Inbox, provenance: ProvenanceWriter): KeepJobRecord =>
  (consumer, messageId, at, { jobId, revision, change, organizationId }) =>
    transactions.transaction(async (tx) => {
      if (!(await inbox.firstHearing(tx, consumer, messageId))) return;
      await provenance.keepJob(tx, {
        ...{ jobId, revision, organizationId },
        givenTo: change === 'TRANSFERRED' ? [organizationId] : [],
        deletedAt: change === 'DELETED' ? at : null,
      });
    });
