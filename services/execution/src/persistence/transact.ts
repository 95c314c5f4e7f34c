import { artifactStored, environmentDescribed, targetChanged } from '@weft/contracts';
import type { Database } from '@weft/database';
import { appendToOutbox } from '@weft/outbox';
import type { Transact } from '../application/ports.js';
import { artifactStore } from './artifact-store.js';
import { environmentStore } from './environment-store.js';
import { jobStore } from './job-store.js';
import { targetStore } from './target-store.js';

/** One transaction with the stores that need one; what it announces is written beside its rows and relayed after its commit. */
export const createTransact =
  (
    database: Database,
    told: { readonly correlationId: () => string; readonly committed: () => void },
  ): Transact =>
  (work) =>
    database.transaction((tx) => {
      const append = async (write: Promise<void>): Promise<void> => {
        await write;
        tx.afterCommit(told.committed);
      };
      return work({
        targets: targetStore(tx),
        artifacts: artifactStore(tx),
        environments: environmentStore(tx),
        jobs: jobStore(tx),
        announce: {
          targetChanged: (fact) =>
            append(appendToOutbox(tx, targetChanged, fact, new Date(), told.correlationId())),
          artifactStored: (fact) =>
            append(appendToOutbox(tx, artifactStored, fact, new Date(), told.correlationId())),
          environmentDescribed: (fact) =>
            append(appendToOutbox(tx, environmentDescribed, fact, new Date(), told.correlationId())),
        },
        afterCommit: (callback) => tx.afterCommit(callback),
      });
    });
