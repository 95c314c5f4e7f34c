import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@weft/database';
import { connectMessaging, type Consumer, type Messaging } from '@weft/messaging';
import { keepStreamWhole, pruneInbox, startRelay, type StreamKeeper } from '@weft/outbox';
import { actorVerifierOf, persevere } from '@weft/process';
import { serveSubgraph, type Subgraph } from '@weft/subgraph';
import { createLogger, createMetrics, createSyncPoints, type Logger, type SyncPoint } from '@weft/telemetry';
import type { Worker } from '@weft/worker';
import type { Operations } from './application/operations.js';
import type { RegistryConfig } from './config.js';
import { createRegistryParts, openRegistryDatabase, requestContext } from './context.js';
import { pidBaseOf } from './domain/node-iri.js';
import { createDocumentDesk } from './document-desk.js';
import type { RegistryContext } from './graphql/registry-context.js';
import { buildRegistrySchema } from './graphql/schema.js';
import { startConsumers } from './messaging/consumes.js';
import { createItemBell } from './messaging/item-bell.js';
import { inTurn, retellDataPoolFiles, retellDataPools } from './retell-data-pools.js';
import { retellArchives } from './persistence/crate-store.js';
import { retellDatasetFiles } from './retell-dataset-files.js';
import { forgetJobRecords } from './persistence/kept-job-store.js';
import { retellReports } from './persistence/report-store.js';
import { retellRegistrations } from './retell-registrations.js';
import { createPids } from './pids.js';
import { createReportDesk } from './report-desk.js';
import { startGrantSweeper } from './grant-sweeper.js';
import { startResultKeeper } from './result-keeper.js';
import { startRegistryWorker } from './messaging/registry-worker.js';

export interface RegistryOverrides {
  readonly logger?: Logger;
  /** Ends waiting for parts that are down. */
  readonly stopping?: AbortSignal;
  /** What its own jobs do; for tests. */
  readonly operations?: Operations;
}

export interface RegistryService extends AsyncDisposable {
  /** The GraphQL endpoint. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

const PRUNE_EVERY_MS = 3_600_000;

/** How long a broker that does not answer may hold up the end, for each of two steps. */
const GRACE_MS = 1_500;

/** Opens, migrates, serves and listens. Waits for PostgreSQL; NATS may come later, for reading needs only the database. */
export async function createRegistryService(
  config: RegistryConfig,
  overrides: RegistryOverrides = {},
): Promise<RegistryService> {
  const logger = overrides.logger ?? createLogger('registry', config.LOG_LEVEL);
  const stopping = overrides.stopping ?? new AbortController().signal;
  const verifier = actorVerifierOf(config);
  const identifiers = createPids(config);
  const { schema } = await buildRegistrySchema();
  const database = await openMigrated(config, stopping, logger);
  const reports = createReportDesk();
  const desk = createDocumentDesk();
  const { pids } = identifiers;
  const syncPoints = createSyncPoints(config.WEFT_SYNC_POINTS);
  const syncPoint: SyncPoint = (name) => syncPoints(`registry-${name}`);
  const parts = createRegistryParts(database, {
    pids,
    pidBase: pidBaseOf(config.PID_RESOLVER_URL),
    writeReport: reports.write,
    sheets: desk.sheets,
    syncPoint,
    logger,
  });
  const sweeper = startGrantSweeper(parts.endGrants, logger);
  const keeper = startResultKeeper(parts.saveResults, logger);
  parts.results.keeper = keeper;
  const itemBell = createItemBell();
  const metrics = createMetrics('registry');
  const publisher = identifiers.start(database, logger);

  let messaging: Messaging | undefined;
  let consumers: Consumer[] = [];
  let stream: StreamKeeper | undefined;
  let worker: Worker | undefined;
  const ending = new AbortController();
  const listen = async (): Promise<void> => {
    logger.info('connecting to NATS');
    const connected = await persevere(
      'NATS',
      () => connect(config, logger),
      AbortSignal.any([stopping, ending.signal]),
      logger,
    );
    if (ending.signal.aborted) return connected.close();
    messaging = connected;
    consumers = startConsumers({
      messaging,
      ...parts,
      filesHeard: keeper.wake,
      onDeadLetter: parts.keepDeadLetter,
      logger,
    });
    itemBell.connect(messaging);
    parts.outbox.relay = startRelay({ database, messaging, logger, metrics, syncPoint });
    stream = keepStreamWhole({
      database,
      messaging,
      retell: inTurn(
        retellRegistrations(pids),
        retellDataPools,
        retellDataPoolFiles,
        retellReports,
        retellArchives,
        retellDatasetFiles,
      ),
      wake: () => parts.outbox.relay?.wake(),
      logger,
    });
    worker = startRegistryWorker({
      messaging,
      operations: overrides.operations ?? parts.operations,
      succeeded: parts.stepSucceeded,
      logger,
      syncPoint,
    });
    logger.info('listening to events, and for jobs of its own');
  };
  listen().catch((error: unknown) => {
    if (!ending.signal.aborted && !stopping.aborted) logger.error({ err: error }, 'not listening to events');
  });

  const prune = setInterval(() => {
    void pruneInbox(database).catch((error: unknown) => logger.warn({ err: error }, 'inbox not pruned'));
    void forgetJobRecords(database).catch((error: unknown) =>
      logger.warn({ err: error }, 'records of deleted jobs not forgotten'),
    );
  }, PRUNE_EVERY_MS);
  prune.unref();

  const subgraph: Subgraph = await serveSubgraph<RegistryContext>({
    name: 'registry',
    host: config.HOST,
    port: config.PORT,
    schema,
    verifier,
    context: (base) => requestContext(base, parts, { documents: desk.documents, itemBell }),
    problems: async () => ({
      ...(await database.ping().then(
        () => ({}),
        (error: unknown) => ({ database: String(error) }),
      )),
      ...(messaging?.connected() === true ? {} : { nats: 'not connected' }),
    }),
    logger,
    metrics,
  });
  logger.info({ url: subgraph.url }, 'registry is ready');

  const stop = async (): Promise<void> => {
    ending.abort();
    clearInterval(prune);
    await subgraph.close();
    await desk.close();
    itemBell.stop();
    // Only the news at hand is waited for; what is not acknowledged is delivered again. What runs and does not end is given back.
    await Promise.all([
      within(GRACE_MS, Promise.all(consumers.map((consumer) => consumer.stop()))),
      worker?.stop(GRACE_MS),
    ]);
    await within(GRACE_MS, Promise.all([keeper.stop(), sweeper.stop()]));
    await within(GRACE_MS, Promise.all([stream?.stop(), parts.outbox.relay?.stop()]));
    await within(GRACE_MS, messaging?.close());
    await reports.close();
    await publisher?.stop();
    await database.close();
    logger.info('registry has stopped');
  };
  return { url: subgraph.url, port: subgraph.port, stop, [Symbol.asyncDispose]: stop };
}

const within = (ms: number, work: Promise<unknown> | undefined): Promise<unknown> =>
  Promise.race([work, sleep(ms, undefined, { ref: false })]);

async function openMigrated(
  config: RegistryConfig,
  stopping: AbortSignal,
  logger: Logger,
): Promise<Database> {
  return persevere(
    'database',
    async () => {
      const database = await openRegistryDatabase(config.DATABASE_URL.reveal(), logger);
      try {
        await database.migrate();
        return database;
      } catch (error) {
        await database.close().catch(() => undefined);
        throw error;
      }
    },
    stopping,
    logger,
  );
}

const connect = (config: RegistryConfig, logger: Logger): Promise<Messaging> =>
  connectMessaging({
    url: config.NATS_URL,
    user: config.NATS_USER,
    password: config.NATS_PASSWORD?.reveal(),
    role: 'registry',
    duplicateWindowMs: config.EVENT_DUPLICATE_WINDOW,
    logger,
  });
