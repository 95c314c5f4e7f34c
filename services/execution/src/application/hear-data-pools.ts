import type { DataPoolChanged, DataPoolFileChanged } from '@weft/contracts';
import { forgetUnused } from './forget-unused.js';
import type { BlobStore, Content, Contents } from './ports.js';

/** What execution knows of data pools; only what is newer is kept. */
export interface DataPoolNews {
  keepPool(fact: DataPoolChanged): Promise<void>;
  keepFile(fact: DataPoolFileChanged): Promise<void>;
  /** Removes results whose job is gone and which nothing holds any more; of one file, or of all of a pool. */
  letGo(what: { readonly fileId: string } | { readonly poolId: string }): Promise<Content[]>;
}

export interface HearDataPools {
  pool(fact: DataPoolChanged): Promise<void>;
  file(fact: DataPoolFileChanged): Promise<void>;
}

/** A pool lets others read its files and holds them; what it lets go of goes with the last that held it. May be repeated. */
export function hearDataPools(given: {
  pools: DataPoolNews;
  contents: Contents;
  blobs: BlobStore;
}): HearDataPools {
  const { pools } = given;
  const letGo = async (what: Parameters<DataPoolNews['letGo']>[0]): Promise<void> =>
    forgetUnused(given, await pools.letGo(what));
  return {
    async pool(fact) {
      await pools.keepPool(fact);
      if (fact.state === 'DELETED') await letGo({ poolId: fact.dataPoolId });
    },
    async file(fact) {
      await pools.keepFile(fact);
      if (fact.removed) await letGo({ fileId: fact.fileId });
    },
  };
}
