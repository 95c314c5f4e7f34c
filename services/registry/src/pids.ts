// Puts together what makes persistent identifiers and what makes them known.
import type { Database } from '@weft/database';
import type { Logger } from '@weft/telemetry';
import type { Pids } from './application/pid-ports.js';
import { pidQueue, wishPublished, wishRetired } from './persistence/pid-publication-store.js';
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

/** Throws CONFIG_INVALID where the settings are not complete. */
export function createPids(settings: PidSettings): RegistryPids {
  const provider = pidProviderOf(settings);
  const { kind } = provider;
  const mint = (): string => provider.mint();
  if (kind === 'local-ark') {
    const nobody = (): Promise<void> => Promise.resolve();
    return { pids: { mint, publish: nobody, retire: nobody }, start: () => undefined };
  }
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
