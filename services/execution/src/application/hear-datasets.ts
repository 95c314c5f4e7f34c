import type { DatasetFileChanged } from '@weft/contracts';
import { forgetUnused } from './forget-unused.js';
import type { BlobStore, Content, Contents } from './ports.js';

/** What execution knows of datasets; only what is newer is kept. */
export interface DatasetNews {
  keepFile(fact: DatasetFileChanged): Promise<void>;
  /** Removes the result that the item was the last to hold; of which the job is gone. */
  letGo(itemId: string): Promise<Content[]>;
}

/** A dataset lets others read its file and holds it, until it is withdrawn. May be repeated. */
export const hearDatasets =
  (given: { datasets: DatasetNews; contents: Contents; blobs: BlobStore }) =>
  async (fact: DatasetFileChanged): Promise<void> => {
    await given.datasets.keepFile(fact);
    if (!fact.held) await forgetUnused(given, await given.datasets.letGo(fact.itemId));
  };
