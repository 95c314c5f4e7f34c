// Puts together what makes persistent identifiers and what makes them known.
import type { Database } from '@weft/database';
import type { Logger } from '@weft/telemetry';
import type { Pids } from './application/pid-ports.js';
import { pidQueue, wishPublished, wishRetired } from './persistence/pid-publication-store.js';
import { TEST_NAAN } from './domain/pid.js';
import { localArk } from './pids/local-ark.js';
import { startPidPublisher, type PidPublisher } from './pids/pid-publisher.js';
import { pidProviderOf, type PidSettings } from './pids/pid-settings.js';
import { LONGEST_TELLING_MS } from './pids/registrar.js';

export interface RegistryPids {
  readonly pids: Pids;
  /** Begins to tell the registrar; where there is none, there is nothing to do. */
  start(database: Database, logger: Logger): PidPublisher | undefined;
}

/** In lengths of the longest telling: what is left is for the database around it. */
const LEASE_FACTOR = 2;

const toldToNobody = (mint: () => string): Pids => ({
  mint,
  publish: () => Promise.resolve(),
  retire: () => Promise.resolve(),
});

/** Names for a registry that nobody has set up otherwise. */
export const unregisteredPids = toldToNobody(localArk(TEST_NAAN, 'w1').mint);

/** Throws CONFIG_INVALID where the settings are not complete. */
export function createPids(settings: PidSettings): RegistryPids {
  const provider = pidProviderOf(settings);
  const { kind } = provider;
  const mint = (): string => provider.mint();
  if (kind === 'local-ark') return { pids: toldToNobody(mint), start: () => undefined };
  return {
    pids: {
      mint,
      publish: (tx, publications) =>
        wishPublished(
          tx,
          kind,
          publications.filter(({ pid }) => provider.owns(pid)),
        ),
      retire: (tx, pids, reason) => wishRetired(tx, pids, reason),
    },
    start: (database, logger) =>
      startPidPublisher({
        queue: pidQueue(database),
        provider,
        resolverUrl: settings.PID_RESOLVER_URL as string,
        leaseMs: LONGEST_TELLING_MS * LEASE_FACTOR,
        logger,
      }),
  };
}
