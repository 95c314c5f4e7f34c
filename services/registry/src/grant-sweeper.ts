// Ends grants whose time is over, soon after it is.
import type { Logger } from '@weft/telemetry';
import type { endGrants } from './application/end-grants.js';

/** How long, at most, somebody goes on reading what was granted to him for a while: ADR 27. */
export const GRANTS_END_EVERY_MS = 2_000;

export interface GrantSweeper {
  stop(): Promise<void>;
}

export function startGrantSweeper(
  end: ReturnType<typeof endGrants>,
  logger: Logger,
  everyMs = GRANTS_END_EVERY_MS,
): GrantSweeper {
  const ending = new AbortController();
  let sweeping: Promise<void> | undefined;
  const sweep = (): void => {
    sweeping ??= end(ending.signal)
      .catch((error: unknown) =>
        logger.warn({ err: error }, 'grants could not be ended; it will be tried again'),
      )
      .finally(() => (sweeping = undefined));
  };
  sweep();
  const timer = setInterval(sweep, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      ending.abort();
      await sweeping;
    },
  };
}
