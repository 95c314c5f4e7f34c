import type { ServiceVersionChanged } from '@weft/contracts';
import { statementsOfServiceVersion } from '../domain/service-version.js';
import type { Inbox, ProvenanceWriter, Transactions } from './ports.js';

export interface RecordServiceVersion {
  (consumer: string, messageId: string, version: ServiceVersionChanged): Promise<void>;
}

/** Takes down whose a service version is, and whether everybody may see it: jobs name only its id. */
export const recordServiceVersion =
  (transactions: Transactions, inbox: Inbox, provenance: ProvenanceWriter): RecordServiceVersion =>
  async (consumer, messageId, version) => {
    const statements = statementsOfServiceVersion(version);
    await transactions.transaction(async (tx) => {
      if (await inbox.firstHearing(tx, consumer, messageId)) await provenance.record(tx, statements);
    });
  };
