import { createHash } from 'node:crypto';
import { groupCommit, newId, openDatabase, type Database } from '@weft/database';
import type { Actor } from '@weft/identity';
import type { DeadLetter } from '@weft/messaging';
import { firstHearing, firstHearings, keepDeadLetter, type Relay } from '@weft/outbox';
import { patience } from '@weft/process';
import type { RequestContext } from '@weft/subgraph';
import type { Logger, SyncPoint } from '@weft/telemetry';
import { zipOf } from '@weft/zip';
import type { ActivityPorts } from './application/activity-ports.js';
import { describeNodes, type DescribeNodes } from './application/describe-nodes.js';
import type { DataPoolPorts } from './application/data-pool-ports.js';
import { endGrants } from './application/end-grants.js';
import type { ItemPorts } from './application/item-ports.js';
import { createExchange, type ExchangePorts } from './application/exchange.js';
import type { CratePorts, CrateReader } from './application/crate-ports.js';
import { hearRegistryJobs, stepSucceeded, type HearRegistryJobs } from './application/hear-registry-jobs.js';
import { createDataPoolCases, type DataPoolCases } from './application/data-pool-cases.js';
import type { DataPoolNews } from './application/data-pool-ports.js';
import type { DataPoolReader } from './application/data-pool-reader.js';
import { createItemCases, type ItemCases } from './application/item-cases.js';
import type { ItemReader } from './application/item-reader.js';
import { keepJobRecords, type KeepJobRecords } from './application/keep-job-records.js';
import type { ProvenanceReads } from './application/lineage-ports.js';
import type { Pids } from './application/pid-ports.js';
import type { Operations } from './application/operations.js';
import type { DocumentDesk, ItemBell, ProvenanceWriter } from './application/ports.js';
import { recordFinishedJobs, type RecordFinishedJobs } from './application/record-finished-jobs.js';
import { saveResults, type SaveResults } from './application/save-results.js';
import type { SavedResultReader } from './application/saved-result-ports.js';
import { recordServiceVersion, type RecordServiceVersion } from './application/record-service-version.js';
import { registerBulkRows } from './application/register-bulk-rows.js';
import { registryOperations } from './application/registry-operations.js';
import { pidBaseOf } from './domain/node-iri.js';
import { crateReadsFor } from './graphql/crate-reads.js';
import { dataPoolReadsFor } from './graphql/data-pool-reads.js';
import type { ReportPorts, ReportReader, WriteReport } from './application/report-ports.js';
import { requestCrate, type RequestCrate } from './application/request-crate.js';
import { requestReport, type RequestReport } from './application/request-report.js';
import { createModelRunCases, type ModelRunCases } from './application/model-run-cases.js';
import type { SheetDesk } from './application/bulk-ports.js';
import type { BulkPorts } from './application/register-model-runs.js';
import type { ModelRunReader } from './application/model-run-reader.js';
import { modelRunReadsFor } from './graphql/model-run-reads.js';
import { bulkReader } from './persistence/bulk-store.js';
import { modelRunStore, runReader } from './persistence/model-run-store.js';
import { itemReadsFor } from './graphql/item-reads.js';
import { provenanceFor } from './graphql/provenance.js';
import { recordReadsFor } from './graphql/record-reads.js';
import type { RegistryContext } from './graphql/registry-context.js';
import { reportReadsFor } from './graphql/report-reads.js';
import { savedResultReadsFor } from './graphql/saved-result-reads.js';
import { activityStore } from './persistence/activity-store.js';
import { archiveList } from './persistence/archive-list.js';
import { crateReader, crateStore } from './persistence/crate-store.js';
import { descriptionStore } from './persistence/description-store.js';
import { graphReader } from './persistence/graph-reader.js';
import { dataPoolNews } from './persistence/data-pool-news.js';
import { dataPoolReader } from './persistence/data-pool-reader.js';
import { dataPoolStore } from './persistence/data-pool-store.js';
import { hopStore } from './persistence/hop-store.js';
import { importStore } from './persistence/import-store.js';
import { importWithdrawal } from './persistence/import-withdrawal.js';
import { itemList } from './persistence/item-list.js';
import { itemReader } from './persistence/item-reader.js';
import { itemStore } from './persistence/item-store.js';
import { keptJobStore } from './persistence/kept-job-store.js';
import { lineageStore } from './persistence/lineage-store.js';
import { migrations } from './persistence/migrations/index.js';
import { namedNodeStore } from './persistence/named-node-store.js';
import { nodeStore } from './persistence/node-store.js';
import { NodeTable } from './persistence/node-table.js';
import { publicId } from './persistence/public-id.js';
import { recordReader } from './persistence/record-reader.js';
import { reportReader, reportStore } from './persistence/report-store.js';
import { poolFileNames } from './persistence/pool-file-names.js';
import { resultWishes, savedResultReader, savedResultStore } from './persistence/saved-result-store.js';
import { statementStore } from './persistence/statement-store.js';
import { unregisteredPids } from './pids.js';

/** How long a reference that is not known yet is waited for (law 1). */
const REFERENCE_WAIT_MS = 10_000;

/** What the registry's parts are made of; also what a test database needs. */
export const registryDatabase = { applicationName: 'weft-registry', entities: [NodeTable], migrations };

export interface RegistryParts {
  readonly reader: ProvenanceReads;
  readonly itemReader: ItemReader;
  readonly itemCases: ItemCases;
  readonly exchange: ExchangePorts;
  readonly dataPoolReader: DataPoolReader;
  readonly dataPoolCases: DataPoolCases;
  readonly dataPoolNews: DataPoolNews;
  readonly savedResults: SavedResultReader;
  readonly saveResults: SaveResults;
  readonly reports: ReportReader;
  readonly requestReport: RequestReport;
  readonly crates: CrateReader;
  readonly requestCrate: RequestCrate;
  readonly modelRunReader: ModelRunReader;
  readonly modelRunCases: ModelRunCases;
  readonly endGrants: ReturnType<typeof endGrants>;
  readonly recordFinishedJobs: RecordFinishedJobs;
  readonly recordServiceVersion: RecordServiceVersion;
  readonly describeNodes: DescribeNodes;
  readonly keepJobRecords: KeepJobRecords;
  readonly hearRegistryJobs: HearRegistryJobs;
  readonly stepSucceeded: ReturnType<typeof stepSucceeded>;
  /** What the registry's own jobs do. */
  readonly operations: Operations;
  readonly keepDeadLetter: (letter: DeadLetter) => Promise<void>;
  /** The relay runs once database and broker are there; a commit before that is found when it starts. */
  readonly outbox: { relay: Relay | undefined };
  /** Who puts results into data pools, once that runs. */
  readonly results: { keeper: { wake(): void } | undefined };
}

/** Rows that share a transaction, and transactions at the same time: while these are written, the next rows are claimed. */
const BULK_GROUPS = { most: 32, lanes: 2 };

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Of what comes in pieces. */
const sha256Of: CratePorts['hash'] = () => {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
};

/** For parts that are asked for no table. */
const UNATTENDED: SheetDesk = {
  read: () => Promise.reject(new Error('nobody reads tables here')),
  write: () => Promise.reject(new Error('nobody writes tables here')),
};

export interface PartsOptions {
  readonly pids?: Pids;
  /** What makes an IRI of a pid. */
  readonly pidBase?: ReturnType<typeof pidBaseOf>;
  readonly referenceWaitMs?: number;
  readonly writeReport?: WriteReport;
  readonly sheets?: SheetDesk;
  readonly syncPoint?: SyncPoint;
  readonly logger?: Logger;
}

const nobodyWrites: WriteReport = () => Promise.reject(new Error('nobody writes reports here'));

/** The only composition root: use cases and stores over one database. */
export function createRegistryParts(database: Database, options: PartsOptions = {}): RegistryParts {
  const { pids = unregisteredPids, pidBase = pidBaseOf(undefined) } = options;
  const { syncPoint, logger } = options;
  const { referenceWaitMs = REFERENCE_WAIT_MS, writeReport = nobodyWrites, sheets = UNATTENDED } = options;
  const provenance: ProvenanceWriter = {
    ...statementStore,
    ...descriptionStore,
    ...keptJobStore,
    ...poolFileNames,
  };
  const inbox = { firstHearing, firstHearings };
  const outbox: RegistryParts['outbox'] = { relay: undefined };
  const wake = (): void => outbox.relay?.wake();
  const results: RegistryParts['results'] = { keeper: undefined };
  const activities: ActivityPorts = {
    transact: (work) => database.transaction((tx) => work(activityStore(tx, { wake, pids }, publicId))),
    mintPid: pids.mint,
    idOf: publicId,
  };
  const itemWork: Pick<ItemPorts, 'transact'> = {
    transact: (work) => database.transaction((tx) => work(itemStore(tx, { wake, pids }))),
  };
  const poolWork: Pick<DataPoolPorts, 'transact'> = {
    transact: (work) => database.transaction((tx) => work(dataPoolStore(tx, wake))),
  };
  const items = itemReader(database);
  const lineage = lineageStore(database.heavy);
  const graph = graphReader(database.heavy);
  const reports: ReportPorts = {
    transact: (work) => database.transaction((tx) => work(reportStore(tx, wake))),
    newId,
    sha256,
    lineage,
    items,
    pidBase,
    write: writeReport,
  };
  const crates: CratePorts = {
    transact: (work) => database.transaction((tx) => work(crateStore(tx, wake))),
    newId,
    sha256,
    hash: sha256Of,
    lineage,
    graph,
    pidBase,
    zip: zipOf,
  };
  const runs: BulkPorts = {
    ...activities,
    transact: (work) => database.transaction((tx) => work(modelRunStore(tx, { wake, pids }, publicId))),
    newId,
    sha256,
    sheets,
  };
  const registerRow = groupCommit({
    write: registerBulkRows(runs),
    ...BULK_GROUPS,
    ping: () => database.ping(),
    keysOf: ({ batchId, row }) => [`${batchId} ${row}`],
  });
  const modelRunReader = { ...runReader(database), ...bulkReader(database) };
  return {
    reader: {
      ...nodeStore(database),
      ...itemList(database),
      ...hopStore(database),
      lineage,
      named: namedNodeStore(database),
    },
    itemReader: items,
    reports: reportReader(database),
    requestReport: requestReport(reports),
    crates: { ...crateReader(database), ...archiveList(database) },
    requestCrate: requestCrate(crates),
    modelRunReader,
    modelRunCases: createModelRunCases(runs, modelRunReader),
    itemCases: createItemCases({
      ...itemWork,
      newId,
      mintPid: pids.mint,
      sha256,
      patience: () => patience(referenceWaitMs),
    }),
    exchange: {
      imports: {
        transact: (work) => database.transaction((tx) => work(importStore(tx))),
        transactWithdrawal: (work) => database.transaction((tx) => work(importWithdrawal(tx))),
        sha256,
        idOf: publicId,
        pidBase,
      },
      exports: { lineage, graph, pidBase },
      records: recordReader(database),
    },
    dataPoolReader: dataPoolReader(database),
    endGrants: endGrants(itemWork, poolWork),
    dataPoolCases: createDataPoolCases({
      ...poolWork,
      newId,
      sha256,
      patience: () => patience(referenceWaitMs),
    }),
    dataPoolNews: dataPoolNews(database),
    recordFinishedJobs: recordFinishedJobs(
      database,
      inbox,
      provenance,
      resultWishes(() => results.keeper?.wake()),
    ),
    savedResults: savedResultReader(database),
    saveResults: saveResults({
      transact: (work) =>
        database.transaction((tx) => work({ ...dataPoolStore(tx, wake), ...savedResultStore(tx) })),
      newId,
      beforeCommit: () => syncPoint?.('result-saved') ?? Promise.resolve(),
      stuck: (jobId, error) => logger?.error({ jobId, err: error }, 'results of a job could not be saved'),
    }),
    recordServiceVersion: recordServiceVersion(database, inbox, provenance),
    describeNodes: describeNodes(database, inbox, provenance),
    keepJobRecords: keepJobRecords(database, inbox, provenance),
    hearRegistryJobs: hearRegistryJobs(runs, reports, crates),
    stepSucceeded: stepSucceeded(activities),
    operations: registryOperations(activities, runs, reports, crates, registerRow, sha256),
    keepDeadLetter: (letter) => keepDeadLetter(database, letter),
    outbox,
    results,
  };
}

export interface Desks {
  readonly documents: DocumentDesk;
  readonly itemBell: ItemBell;
}

/** What the resolvers of one request, or of one live field, get. */
export const requestContext = (
  base: RequestContext & { readonly actor: Actor },
  {
    reader,
    exchange,
    itemCases,
    dataPoolCases,
    modelRunCases,
    requestReport: request,
    requestCrate: requestArchive,
    ...reads
  }: RegistryParts,
  { documents, itemBell }: Desks,
): RegistryContext => ({
  ...base,
  provenance: provenanceFor(base.actor, reader),
  items: itemReadsFor(base.actor, reads.itemReader),
  itemCases,
  dataPools: dataPoolReadsFor(base.actor, reads.dataPoolReader),
  savedResults: savedResultReadsFor(base.actor, reads.savedResults),
  dataPoolCases,
  modelRuns: modelRunReadsFor(base.actor, reads.modelRunReader),
  modelRunCases,
  itemBell,
  records: recordReadsFor(base.actor, exchange.records),
  exchange: createExchange(exchange, documents),
  documents,
  reports: reportReadsFor(base.actor, reads.reports),
  requestReport: request,
  crates: crateReadsFor(base.actor, reads.crates),
  requestCrate: requestArchive,
});

export const openRegistryDatabase = (url: string, logger: Logger): Promise<Database> =>
  openDatabase({ ...registryDatabase, url, logger });
