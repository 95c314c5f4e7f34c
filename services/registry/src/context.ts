import { openDatabase, type Database } from '@weft/database';
import { firstHearing, firstHearings, keepDeadLetter } from '@weft/outbox';
import type { Logger } from '@weft/telemetry';
import type { ProvenanceReader } from './application/ports.js';
import { recordFinishedJobs, type RecordFinishedJobs } from './application/record-finished-jobs.js';
import { recordServiceVersion, type RecordServiceVersion } from './application/record-service-version.js';
import { hopStore } from './persistence/hop-store.js';
import { itemList } from './persistence/item-list.js';
import { migrations } from './persistence/migrations/index.js';
import { nodeStore } from './persistence/node-store.js';
import { NodeTable } from './persistence/node-table.js';
import { statementStore } from './persistence/statement-store.js';
import type { DeadLetter } from '@weft/messaging';

/** What the registry's parts are made of; also what a test database needs. */
export const registryDatabase = { applicationName: 'weft-registry', entities: [NodeTable], migrations };

export interface RegistryParts {
  readonly reader: ProvenanceReader;
  readonly recordFinishedJobs: RecordFinishedJobs;
  readonly recordServiceVersion: RecordServiceVersion;
  readonly keepDeadLetter: (letter: DeadLetter) => Promise<void>;
}

/** The only composition root: use cases and stores over one database. */
export function createRegistryParts(database: Database): RegistryParts {
  const inbox = { firstHearing, firstHearings };
  return {
    reader: { ...nodeStore(database), ...itemList(database), ...hopStore(database) },
    recordFinishedJobs: recordFinishedJobs(database, inbox, statementStore),
    recordServiceVersion: recordServiceVersion(database, inbox, statementStore),
    keepDeadLetter: (letter) => keepDeadLetter(database, letter),
  };
}

export const openRegistryDatabase = (url: string, logger: Logger): Promise<Database> =>
  openDatabase({ ...registryDatabase, url, logger });
