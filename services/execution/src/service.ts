import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase, type Database } from '@weft/database';
import { connectMessaging, type Consumer, type Messaging } from '@weft/messaging';
import { keepStreamWhole, pruneInbox, startRelay, type StreamKeeper } from '@weft/outbox';
import { persevere } from '@weft/process';
import { serveSubgraph } from '@weft/subgraph';
import type { Logger } from '@weft/telemetry';
import type { ExecutionConfig } from './config.js';
import { createContext, createServiceLogger, type Context, type ExecutionOverrides } from './context.js';
import { ABANDONED_AFTER_MS } from './domain/artifact.js';
import { BEAT_TIMEOUT_MS } from './domain/target-status.js';
import { buildExecutionSchema } from './graphql/schema.js';
import { startConsumers } from './messaging/consumes.js';
import { serveWorkers } from './messaging/worker-protocol.js';
import { MIGRATIONS } from './persistence/migrations/index.js';
import { ENTITIES } from './persistence/tables.js';
import { retellFacts } from './retell-facts.js';

/** A running execution service. */
export interface ExecutionService extends AsyncDisposable {
  /** The GraphQL endpoint. */
  readonly url: string;
  readonly port: number;
  /** Finishes what is under way, then lets go of everything. May be called again. */
  stop(): Promise<void>;
}

const PING_TIMEOUT_MS = 2_000;
const HOUSEKEEPING_MS = 60 * 60_000;

/** Waits for its database, then serves; the broker may come later and go at any time. */
export async function createExecutionService(
  config: ExecutionConfig,
  overrides: ExecutionOverrides = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<ExecutionService> {
  const logger = overrides.logger ?? createServiceLogger(config);
  const database = await persevere(
    'opening the database',
    () => openMigrated(config, logger),
    signal,
    logger,
  );
  const context = createContext(config, database, logger);
  const { metrics, verifier } = context;
  const broker: Broker = { messaging: undefined, deafUntil: 0, consumers: [] };
  const stopping = new AbortController();

  await context.registerTargets();
  const { schema } = await buildExecutionSchema();
  const subgraph = await serveSubgraph({
    name: 'execution',
    host: config.HOST,
    port: config.PORT,
    schema,
    verifier,
    context: (base) => context.requestContext(base),
    problems: () => problems(database, broker),
    route: context.route,
    logger,
    metrics,
  });
  if (context.listening.url === '') context.listening.url = new URL(subgraph.url).origin;
  logger.info({ url: subgraph.url }, 'execution listens');

  const connecting = connect(context, broker, stopping.signal);
  const rounds = [
    repeat(config.TARGET_REVIEW_EVERY, stopping.signal, logger, async () => {
      // A target is not called dead for time in which its workers could not be heard.
      if (broker.messaging?.connected() === true && Date.now() >= broker.deafUntil)
        await context.reviewTargets();
    }),
    repeat(HOUSEKEEPING_MS, stopping.signal, logger, async () => {
      await context.forgetAbandonedUploads(ABANDONED_AFTER_MS);
      await pruneInbox(database);
    }),
  ];

  const stop = async (): Promise<void> => {
    stopping.abort();
    await subgraph.close();
    await connecting;
    await Promise.all(broker.consumers.map((one) => one.stop()));
    await broker.stream?.stop();
    await context.relay.current?.stop();
    await Promise.all(rounds);
    context.bell.flush();
    await broker.messaging?.close();
    await database.close();
    logger.info('execution stopped');
  };
  let stopped: Promise<void> | undefined;
  const stopOnce = (): Promise<void> => (stopped ??= stop());
  return { url: subgraph.url, port: subgraph.port, stop: stopOnce, [Symbol.asyncDispose]: stopOnce };
}

interface Broker {
  messaging: Messaging | undefined;
  /** After a (re)connection the beats that were missed are waited for. */
  deafUntil: number;
  consumers: Consumer[];
  stream?: StreamKeeper;
}

async function openMigrated(config: ExecutionConfig, logger: Logger): Promise<Database> {
  const database = await openDatabase({
    url: config.DATABASE_URL.reveal(),
    applicationName: 'weft-execution',
    entities: ENTITIES,
    migrations: MIGRATIONS,
    logger,
  });
  try {
    await database.migrate();
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function connect(context: Context, broker: Broker, signal: AbortSignal): Promise<void> {
  const { config, logger, database, metrics, syncPoint } = context;
  const connecting = persevere(
    'connecting to the broker',
    () =>
      connectMessaging({
        url: config.NATS_URL,
        user: config.NATS_USER,
        password: config.NATS_PASSWORD?.reveal(),
        role: 'execution',
        duplicateWindowMs: config.EVENT_DUPLICATE_WINDOW,
        logger,
      }),
    signal,
    logger,
  ).catch(() => undefined);
  // The client itself waits for a broker that is not there yet; a stop must not wait with it.
  const stopped = new Promise<undefined>((resolve) =>
    signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
  const messaging = await Promise.race([connecting, stopped]);
  if (messaging === undefined) {
    void connecting.then((late) => late?.close());
    return;
  }
  const listenAfresh = (): void => {
    broker.deafUntil = Date.now() + BEAT_TIMEOUT_MS;
  };
  listenAfresh();
  messaging.onReconnect(listenAfresh);
  broker.messaging = messaging;
  context.bell.connect(messaging);
  context.relay.current = startRelay({ database, messaging, logger, metrics, syncPoint });
  broker.stream = keepStreamWhole({
    database,
    messaging,
    retell: retellFacts,
    wake: () => context.relay.current?.wake(),
    logger,
  });
  const consumers = startConsumers({ ...context, messaging });
  context.hearing.jobs = consumers.jobs;
  broker.consumers = Object.values(consumers);
  serveWorkers({ ...context, messaging });
}

async function repeat(
  everyMs: number,
  signal: AbortSignal,
  logger: Logger,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    await work().catch((error: unknown) =>
      logger.warn({ err: error }, 'a regular task failed; it will be tried again'),
    );
  }
}

async function problems(database: Database, broker: Broker): Promise<Record<string, string>> {
  const answers = database.ping().then(
    () => true,
    () => false,
  );
  const found: Record<string, string> = {};
  if (!(await Promise.race([answers, sleep(PING_TIMEOUT_MS, false, { ref: false })])))
    found['database'] = 'PostgreSQL does not answer';
  if (broker.messaging?.connected() !== true) found['nats'] = 'the broker is not connected';
  return found;
}
