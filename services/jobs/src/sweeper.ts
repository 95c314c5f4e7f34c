// Looks regularly for what time alone has changed: leases that ran out, references waited for, deadlines.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@weft/telemetry';

export interface SweeperOptions {
  readonly everyMs: number;
  readonly leaseMs: number;
  /** Within this time a claim whose answer was lost is asked again. */
  readonly claimRepeatedMs: number;
  /** Asks `mayExpire` after every answer of the database, and expires no more once it says no. */
  readonly expireLeases: (mayExpire: () => boolean) => Promise<unknown>;
  /** Asks before each job whether it goes on. */
  readonly resolveReferences: (goesOn: () => boolean) => Promise<unknown>;
  readonly keepDeadlines: (goesOn: () => boolean) => Promise<unknown>;
  readonly wakeWaitingWorkers: () => void;
  /** Once an hour or so. */
  readonly tidy: () => Promise<unknown>;
  readonly connected: () => boolean;
  readonly logger: Logger;
}

export interface Sweeper {
  /** This replica could not hear its workers until now: no lease expires before a whole one has passed, or a claim that was lost. */
  wasDeaf(): void;
  stop(): Promise<void>;
}

const TIDY_EVERY_MS = 3_600_000;
/** Silence between two signs of life that is no deafness yet. */
const MAX_PAUSE_MS = 2_000;

export function startSweeper(options: SweeperOptions): Sweeper {
  const { everyMs, leaseMs, logger } = options;
  const maxPauseMs = everyMs + Math.min(MAX_PAUSE_MS, leaseMs / 4);
  const stopping = new AbortController();
  // Renewed by then is what a worker runs, asked for again what it never heard that it was given.
  const graceMs = Math.max(leaseMs, options.claimRepeatedMs);
  // Workers could not renew while nobody was here, so the start counts as deafness too.
  let expiresFrom = Date.now() + graceMs;
  let aliveAt = Date.now();
  const wasDeaf = (): void => {
    expiresFrom = Date.now() + graceMs;
  };

  const goesOn = (): boolean => !stopping.signal.aborted;

  // A broker that is away, a database that hangs, a process that was stopped: renewals were written by none of them.
  const hears = (): boolean => {
    const now = Date.now();
    if (!options.connected() || now - aliveAt > maxPauseMs) wasDeaf();
    aliveAt = now;
    return now >= expiresFrom && goesOn();
  };

  const rounds = [
    repeat(everyMs, 'leases', async () => {
      hears();
      await options.expireLeases(hears).catch((error: unknown) => {
        wasDeaf();
        throw error;
      });
    }),
    repeat(everyMs, 'references', () => options.resolveReferences(goesOn)),
    repeat(everyMs, 'deadlines', () => options.keepDeadlines(goesOn)),
    repeat(everyMs, 'waiting workers', () => Promise.resolve(options.wakeWaitingWorkers())),
    repeat(TIDY_EVERY_MS, 'tidying', options.tidy),
  ];

  // Each on its own: what fails or takes long holds up nothing else.
  async function repeat(ms: number, what: string, work: () => Promise<unknown>): Promise<void> {
    const { signal } = stopping;
    while (!signal.aborted) {
      await sleep(ms, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await work().catch((error: unknown) =>
        logger.warn({ err: error, what }, 'sweep failed; it will be tried again'),
      );
    }
  }

  return {
    wasDeaf,
    async stop() {
      stopping.abort();
      await Promise.all(rounds);
    },
  };
}
