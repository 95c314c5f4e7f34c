import { setTimeout as sleep } from 'node:timers/promises';
import { connectMessaging, type Messaging } from '@weft/messaging';
import { keepStreamWhole, startRelay, type StreamKeeper } from '@weft/outbox';
import { persevere } from '@weft/process';
import { serveSubgraph } from '@weft/subgraph';
import type { MarketplaceConfig } from './config.js';
import { createContext, type Context, type MarketplaceOverrides } from './context.js';
import { buildMarketplaceSchema } from './graphql/schema.js';
import { retellServiceVersions } from './retell-service-versions.js';

/** A running marketplace service. */
export interface MarketplaceService extends AsyncDisposable {
  /** The GraphQL endpoint. */
  readonly url: string;
  readonly port: number;
  /** Finishes what is under way, then lets go of everything. May be called again. */
  stop(): Promise<void>;
}

const PING_TIMEOUT_MS = 2_000;

/** Listens at once; database and broker are tried until they are there, and `/readyz` names what is missing. */
export async function createMarketplaceService(
  config: MarketplaceConfig,
  overrides: MarketplaceOverrides = {},
): Promise<MarketplaceService> {
  const context = createContext(config, overrides);
  const { logger, metrics, verifier } = context;
  const stopping = new AbortController();
  const state: State = { databaseReady: false, messaging: undefined };

  const { schema } = await buildMarketplaceSchema();
  const subgraph = await serveSubgraph({
    name: 'marketplace',
    host: config.HOST,
    port: config.PORT,
    schema,
    verifier,
    context: context.requestContext,
    problems: () => problems(context, state),
    logger,
    metrics,
  });
  logger.info({ url: subgraph.url }, 'marketplace listens');
  const started = Promise.all([
    startDatabase(context, state, stopping.signal),
    startMessaging(context, state, stopping.signal),
  ]).then(
    ([database, messaging]) => {
      if (stopping.signal.aborted) return;
      context.outbox.relay = startRelay({
        database,
        messaging,
        logger,
        metrics,
        syncPoint: context.syncPoint,
      });
      state.stream = keepStreamWhole({
        database,
        messaging,
        retell: retellServiceVersions,
        wake: () => context.outbox.relay?.wake(),
        logger,
      });
    },
    (error: unknown) => {
      if (!stopping.signal.aborted) logger.error({ err: error }, 'marketplace could not start fully');
    },
  );

  const stop = async (): Promise<void> => {
    stopping.abort();
    await subgraph.close();
    await started;
    await state.stream?.stop();
    await context.outbox.relay?.stop();
    await state.messaging?.close();
    await context.schemaDesk.close();
    await context.tokenUse.flush();
    await context.database.close();
    logger.info('marketplace stopped');
  };
  let stopped: Promise<void> | undefined;
  const stopOnce = (): Promise<void> => (stopped ??= stop());
  return { url: subgraph.url, port: subgraph.port, stop: stopOnce, [Symbol.asyncDispose]: stopOnce };
}

interface State {
  /** Open, migrated, and the first user is in it. */
  databaseReady: boolean;
  messaging: Messaging | undefined;
  stream?: StreamKeeper;
}

async function startDatabase(context: Context, state: State, signal: AbortSignal) {
  const { config, database, logger } = context;
  const opened = await persevere('opening the database', context.connectDatabase, signal, logger);
  database.arrive(opened);
  const token = config.FIRST_USER_TOKEN;
  if (token !== undefined) {
    const first = { name: config.FIRST_USER_NAME, secret: token.reveal() };
    const found = await persevere(
      'ensuring the first user',
      () => context.ensureFirstUser(first),
      signal,
      logger,
    );
    if (found === 'revoked') logger.warn('FIRST_USER_TOKEN was revoked and stays so; set another one');
  }
  state.databaseReady = !signal.aborted;
  return opened;
}

async function startMessaging(context: Context, state: State, signal: AbortSignal): Promise<Messaging> {
  const { config, logger } = context;
  const connecting = persevere(
    'connecting to the broker',
    () =>
      connectMessaging({
        url: config.NATS_URL,
        user: config.NATS_USER,
        password: config.NATS_PASSWORD?.reveal(),
        role: 'marketplace',
        duplicateWindowMs: config.EVENT_DUPLICATE_WINDOW,
        logger,
      }),
    signal,
    logger,
  );
  // The client itself waits for a broker that is not there yet; a stop must not wait with it.
  const stopped = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('stopping')), { once: true }),
  );
  try {
    state.messaging = await Promise.race([connecting, stopped]);
    return state.messaging;
  } catch (error) {
    void connecting.then(
      (late) => late.close(),
      () => undefined,
    );
    throw error;
  }
}

async function problems(context: Context, state: State): Promise<Record<string, string>> {
  const answers = context.database.ping().then(
    () => true,
    () => false,
  );
  const found: Record<string, string> = {};
  if (
    !state.databaseReady ||
    !(await Promise.race([answers, sleep(PING_TIMEOUT_MS, false, { ref: false })]))
  ) {
    found['database'] = 'PostgreSQL does not answer';
  }
  if (state.messaging?.connected() !== true) found['nats'] = 'the broker is not connected';
  return found;
}
