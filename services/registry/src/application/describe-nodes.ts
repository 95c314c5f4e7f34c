import type { Description } from '../domain/description.js';
import type { Inbox, ProvenanceWriter, Transactions } from './ports.js';

export interface DescriptionNews {
  readonly messageId: string;
  readonly description: Description;
}

export interface DescribeNodes {
  (consumer: string, news: readonly DescriptionNews[]): Promise<void>;
}

/** Takes down what is told of files, targets and environments, which jobs only name. */
export const describeNodes =
  (transactions: Transactions, inbox: Inbox, provenance: ProvenanceWriter): DescribeNodes =>
  (consumer, news) =>
    transactions.transaction(async (tx) => {
      const ids = news.map(({ messageId }) => messageId);
      const first = await inbox.firstHearings(tx, consumer, ids);
      const fresh = news.filter(({ messageId }) => first.has(messageId));
      await provenance.describe(
        tx,
        fresh.map(({ description }) => description),
      );
    });
