import { openDatabase } from '@weft/database';
import { connectMessaging } from '@weft/messaging';
import { actorVerifierOf, persevere } from '@weft/process';
import { serveSubgraph } from '@weft/subgraph';
import { createLogger, createMetrics, createSyncPoints, type Logger } from '@weft/telemetry';
import type { JobsConfig } from './config.js';
import { createContext, type JobsServiceContext } from './context.js';
import { MIGRATIONS } from './persistence/migrations/index.js';
import { ENTITIES } from './persistence/tables.js';

export interface JobsService extends AsyncDisposable {
  /** The GraphQL endpoint. */
  readonly url: string;
  readonly context: JobsServiceContext;
}

export interface JobsOverrides {
  readonly logger?: Logger;
  readonly stopping?: AbortSignal;
}

const PING_MS = 2_000;

/** Waits for its database; the broker is looked for beside, because reading, submitting and cancelling need none. */
export async function createJobsService(
  config: JobsConfig,
  overrides: JobsOverrides = {},
): Promise<JobsService> {
  const logger = overrides.logger ?? createLogger('jobs', config.LOG_LEVEL);
  const metrics = createMetrics('jobs');
  const syncPoint = createSyncPoints(config.WEFT_SYNC_POINTS);
  const disposing = new AbortController();
  const stopping = AbortSignal.any([
    disposing.signal,
    ...(overrides.stopping === undefined ? [] : [overrides.stopping]),
  ]);

  const database = await persevere(
    'opening the database',
    () => openMigrated(config, logger),
    stopping,
    logger,
  );
  const context = await createContext({ config, database, logger, metrics, syncPoint });
  const { NATS_URL: url, NATS_USER: user, NATS_PASSWORD: password } = config;
  const duplicateWindowMs = config.EVENT_DUPLICATE_WINDOW;
  const attached = persevere(
    'connecting to NATS',
    // What happened here is known here: the news of it would only come back.
    () =>
      connectMessaging({
        url,
        user,
        password: password?.reveal(),
        role: 'jobs',
        duplicateWindowMs,
        logger,
        noEcho: true,
      }),
    stopping,
    logger,
  ).then(
    (messaging) => context.attach(messaging),
    () => undefined,
  );
  const subgraph = await serveSubgraph({
    name: 'jobs',
    host: config.HOST,
    port: config.PORT,
    schema: context.schema,
    verifier: actorVerifierOf(config),
    context: context.requestContext,
    problems: async () => ({
      ...(context.connected() ? {} : { nats: 'not connected' }),
      ...(await answersInTime(database.ping())),
    }),
    logger,
    metrics,
  });
  logger.info({ url: subgraph.url }, 'jobs service serves');
  return {
    url: subgraph.url,
    context,
    async [Symbol.asyncDispose]() {
      disposing.abort();
      await subgraph.close();
      await Promise.race([attached, new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
      await context.stop();
      await database.close();
      logger.info('jobs service stopped');
    },
  };
}

async function openMigrated(config: JobsConfig, logger: Logger) {
  const database = await openDatabase({
    url: config.DATABASE_URL.reveal(),
    applicationName: 'weft-jobs',
    entities: ENTITIES,
    migrations: MIGRATIONS,
    poolSize: 20,
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

async function answersInTime(ping: Promise<void>): Promise<Record<string, string>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), PING_MS);
  });
  return Promise.race([ping, late])
    .then(
      () => ({}),
      () => ({ database: 'not reachable' }),
    )
    .finally(() => clearTimeout(timer));
}
