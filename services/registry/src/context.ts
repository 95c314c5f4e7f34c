import { createHash } from 'node:crypto';
import { newId, openDatabase, type Database } from '@weft/database';
import type { Actor } from '@weft/identity';
import type { DeadLetter } from '@weft/messaging';
import { firstHearing, firstHearings, keepDeadLetter, type Relay } from '@weft/outbox';
import type { RequestContext } from '@weft/subgraph';
import type { Logger } from '@weft/telemetry';
import type { ActivityPorts } from './application/activity-ports.js';
import { createDataPoolCases, type DataPoolCases } from './application/data-pool-cases.js';
import type { DataPoolNews } from './application/data-pool-ports.js';
import type { DataPoolReader } from './application/data-pool-reader.js';
import { hearRegistryJobs, type HearRegistryJobs } from './application/hear-registry-jobs.js';
import { createItemCases, type ItemCases } from './application/item-cases.js';
import type { ItemReader } from './application/item-reader.js';
import type { Pids } from './application/pid-ports.js';
import type { DocumentDesk, ItemBell, ProvenanceReader } from './application/ports.js';
import { recordFinishedJobs, type RecordFinishedJobs } from './application/record-finished-jobs.js';
import { recordServiceVersion, type RecordServiceVersion } from './application/record-service-version.js';
import { lodgeActivity, registerActivity } from './application/write-activity.js';
import { dataPoolReadsFor } from './graphql/data-pool-reads.js';
import { itemReadsFor } from './graphql/item-reads.js';
import { provenanceFor } from './graphql/provenance.js';
import type { RegistryContext } from './graphql/registry-context.js';
import { activityStore } from './persistence/activity-store.js';
import { dataPoolNews } from './persistence/data-pool-news.js';
import { dataPoolReader } from './persistence/data-pool-reader.js';
import { dataPoolStore } from './persistence/data-pool-store.js';
import { hopStore } from './persistence/hop-store.js';
import { itemList } from './persistence/item-list.js';
import { itemReader } from './persistence/item-reader.js';
import { itemStore } from './persistence/item-store.js';
import { migrations } from './persistence/migrations/index.js';
import { nodeStore } from './persistence/node-store.js';
import { NodeTable } from './persistence/node-table.js';
import { publicId } from './persistence/public-id.js';
import { statementStore } from './persistence/statement-store.js';
import { patience, REFERENCE_WAIT_MS } from './patience.js';
import { unregisteredPids } from './pids.js';

/** What the registry's parts are made of; also what a test database needs. */
export const registryDatabase = { applicationName: 'weft-registry', entities: [NodeTable], migrations };

export interface RegistryParts {
  readonly reader: ProvenanceReader;
  readonly itemReader: ItemReader;
  readonly itemCases: ItemCases;
  readonly dataPoolReader: DataPoolReader;
  readonly dataPoolCases: DataPoolCases;
  readonly dataPoolNews: DataPoolNews;
  readonly recordFinishedJobs: RecordFinishedJobs;
  readonly recordServiceVersion: RecordServiceVersion;
  readonly hearRegistryJobs: HearRegistryJobs;
  readonly registerActivity: ReturnType<typeof registerActivity>;
  readonly lodgeActivity: ReturnType<typeof lodgeActivity>;
  readonly keepDeadLetter: (letter: DeadLetter) => Promise<void>;
  /** The relay runs once database and broker are there; a commit before that is found when it starts. */
  readonly outbox: { relay: Relay | undefined };
}

/** The only composition root: use cases and stores over one database. */
export function createRegistryParts(
  database: Database,
  pids: Pids = unregisteredPids,
  referenceWaitMs = REFERENCE_WAIT_MS,
): RegistryParts {
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  const inbox = { firstHearing, firstHearings };
  const outbox: RegistryParts['outbox'] = { relay: undefined };
  const wake = (): void => outbox.relay?.wake();
  const activities: ActivityPorts = {
    transact: (work) => database.transaction((tx) => work(activityStore(tx, { wake, pids }, publicId))),
    mintPid: pids.mint,
    idOf: publicId,
  };
  return {
    reader: { ...nodeStore(database), ...itemList(database), ...hopStore(database) },
    itemReader: itemReader(database),
    itemCases: createItemCases({
      transact: (work) => database.transaction((tx) => work(itemStore(tx, { wake, pids }))),
      newId,
      mintPid: pids.mint,
      sha256,
    }),
    dataPoolReader: dataPoolReader(database),
    dataPoolCases: createDataPoolCases({
      transact: (work) => database.transaction((tx) => work(dataPoolStore(tx, wake))),
      newId,
      sha256,
      patience: () => patience(referenceWaitMs),
    }),
    dataPoolNews: dataPoolNews(database),
    recordFinishedJobs: recordFinishedJobs(database, inbox, statementStore),
    recordServiceVersion: recordServiceVersion(database, inbox, statementStore),
    hearRegistryJobs: hearRegistryJobs(activities),
    registerActivity: registerActivity(activities),
    lodgeActivity: lodgeActivity(activities),
    keepDeadLetter: (letter) => keepDeadLetter(database, letter),
    outbox,
  };
}

export interface Desks {
  readonly documents: DocumentDesk;
  readonly itemBell: ItemBell;
}

/** What the resolvers of one request, or of one live field, get. */
export const requestContext = (
  base: RequestContext & { readonly actor: Actor },
  { reader, itemReader: items, itemCases, dataPoolReader: pools, dataPoolCases }: RegistryParts,
  { documents, itemBell }: Desks,
): RegistryContext => ({
  ...base,
  provenance: provenanceFor(base.actor, reader),
  items: itemReadsFor(base.actor, items),
  itemCases,
  dataPools: dataPoolReadsFor(base.actor, pools),
  dataPoolCases,
  itemBell,
  documents,
});

export const openRegistryDatabase = (url: string, logger: Logger): Promise<Database> =>
  openDatabase({ ...registryDatabase, url, logger });
