// Looks regularly for what time alone has changed: leases that ran out, references waited for, retries that are due.
import type { Logger } from '@weft/telemetry';

export interface SweeperOptions {
  readonly everyMs: number;
  readonly leaseMs: number;
  readonly expireLeases: () => Promise<unknown>;
  readonly resolveReferences: () => Promise<unknown>;
  readonly wakeWaitingWorkers: () => void;
  /** Once an hour or so. */
  readonly tidy: () => Promise<unknown>;
  readonly connected: () => boolean;
  readonly logger: Logger;
}

export interface Sweeper {
  /** This replica could not hear its workers until now: no lease expires before a whole one has passed. */
  wasDeaf(): void;
  stop(): Promise<void>;
}

const TIDY_EVERY_MS = 3_600_000;

export function startSweeper(options: SweeperOptions): Sweeper {
  // Workers could not renew while nobody was here, so the start counts as deafness too.
  let expiresFrom = Date.now() + options.leaseMs;
  let tidyFrom = Date.now() + TIDY_EVERY_MS;
  let running: Promise<void> | undefined;

  const sweep = async (): Promise<void> => {
    if (!options.connected()) expiresFrom = Date.now() + options.leaseMs;
    try {
      if (Date.now() >= expiresFrom) await options.expireLeases();
      await options.resolveReferences();
      options.wakeWaitingWorkers();
      if (Date.now() >= tidyFrom) {
        tidyFrom = Date.now() + TIDY_EVERY_MS;
        await options.tidy();
      }
    } catch (error) {
      expiresFrom = Date.now() + options.leaseMs;
      options.logger.warn({ err: error }, 'sweep failed; leases get a whole new one');
    }
  };

  const timer = setInterval(() => {
    running ??= sweep().finally(() => {
      running = undefined;
    });
  }, options.everyMs);

  return {
    wasDeaf() {
      expiresFrom = Date.now() + options.leaseMs;
    },
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
