// The only place where the parts of this service are brought together. Nothing is started here.
import { newId, openDatabase, type Database, type Tx } from '@weft/database';
import type { Relay } from '@weft/outbox';
import { actorVerifierOf } from '@weft/process';
import type { RequestContext } from '@weft/subgraph';
import { createLogger, createMetrics, createSyncPoints, type Logger } from '@weft/telemetry';
import { ensureFirstUser } from './application/ensure-first-user.js';
import type { NewId, Transact, Transaction } from './application/ports.js';
import { Reads } from './application/reads.js';
import { TokenUse } from './application/token-use.js';
import { createUseCases } from './application/use-cases.js';
import type { MarketplaceConfig } from './config.js';
import { createLoaders } from './graphql/loaders.js';
import type { MarketplaceContext } from './graphql/marketplace-context.js';
import { announceServiceVersion } from './messaging/announce-service-version.js';
import { previousVersions } from './persistence/previous-versions.js';

import { createSchemaDesk } from './schema-desk.js';
import { LateDatabase } from './persistence/late-database.js';
import { readStore } from './persistence/read-store.js';
import { entities, migrations } from './persistence/schema.js';
import { tokenLookup } from './persistence/token-lookup.js';
import { stores } from './persistence/stores.js';
import { tokenSecrets } from './token-secrets.js';

/** What tests may put in the place of the real parts. */
export interface MarketplaceOverrides {
  readonly newId?: NewId;
  readonly logger?: Logger;
}

export type Context = ReturnType<typeof createContext>;

export function createContext(config: MarketplaceConfig, overrides: MarketplaceOverrides = {}) {
  const logger = overrides.logger ?? createLogger('marketplace', config.LOG_LEVEL);
  const metrics = createMetrics('marketplace');
  const syncPoint = createSyncPoints(config.WEFT_SYNC_POINTS);
  const verifier = actorVerifierOf(config);
  const makeId = overrides.newId ?? newId;

  const database = new LateDatabase();
  const connectDatabase = async (): Promise<Database> => {
    const options = { applicationName: 'weft-marketplace', entities, migrations, logger };
    const opened = await openDatabase({ url: config.DATABASE_URL.reveal(), ...options });
    try {
      await opened.migrate();
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  };

  // The relay runs once database and broker are there; a commit before that is found when it starts.
  const outbox: { relay: Relay | undefined } = { relay: undefined };

  const inTx = (tx: Tx): Transaction => ({
    ...stores(tx),
    async announce(service, version, correlationId) {
      const previous = (await previousVersions(tx, [version.id])).get(version.id) ?? null;
      await announceServiceVersion(tx, service, version, previous, correlationId);
      tx.afterCommit(() => outbox.relay?.wake());
    },
  });
  const transact: Transact = (work) => database.transaction((tx) => work(inTx(tx)));

  const lookup = tokenLookup(database);
  const tokenUse = new TokenUse(
    lookup,
    (error) => logger.warn({ err: error }, 'use of tokens not recorded'),
    config.TOKEN_USE_DELAY,
  );
  const schemaDesk = createSchemaDesk();
  const useCases = createUseCases({
    transact,
    newId: makeId,
    secrets: tokenSecrets,
    tokenLookup: lookup,
    tokenUse,
    schemaProblems: schemaDesk.problems,
  });
  const reading = readStore(() => database.manager);

  const requestContext = (base: RequestContext): MarketplaceContext => {
    const reads = new Reads(reading, base);
    return { ...base, useCases, reads, loaders: createLoaders(reads) };
  };

  return {
    config,
    logger,
    metrics,
    syncPoint,
    verifier,
    database,
    connectDatabase,
    outbox,
    tokenUse,
    schemaDesk,
    requestContext,
    ensureFirstUser: ensureFirstUser(transact, makeId, tokenSecrets),
  };
}
