// Tells the registrar what is wished of pids, until it has heard it. It begins with one pid, and comes back with one after every
// pause, so that wrong credentials or a registrar that is overrun cost one try and not one for each pid that waits.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@weft/telemetry';
import type { PidProvider, PidQueue, TakenPid } from '../application/pid-ports.js';
import { judgePublication, PID_RETRY, PidFailure, type PidRetryPolicy } from '../domain/pid-publication.js';

export interface PublisherOptions {
  readonly queue: PidQueue;
  readonly provider: PidProvider;
  /** Pids lead to <this>/<pid>. */
  readonly resolverUrl: string;
  readonly logger: Logger;
  /** How long others leave alone what was taken: longer than telling it can last. */
  readonly leaseMs: number;
  /** How often it looks when there was nothing to do. */
  readonly everyMs?: number;
  readonly atOnce?: number;
  readonly retry?: PidRetryPolicy;
  readonly random?: () => number;
  /** Length of a pause; tests make it short. */
  readonly pauseMs?: (ms: number) => number;
}

export interface PidPublisher {
  /** Takes no more, and waits a little for what is under way; what does not end in time is told again after its lease. */
  stop(): Promise<void>;
}

const EVERY_MS = 2_000;
const AT_ONCE = 4;
const DRAIN_MS = 3_000;
/** Until a request that was told to end has ended. */
const ABORT_MS = 500;

export function startPidPublisher(options: PublisherOptions): PidPublisher {
  const { queue, provider, resolverUrl, logger } = options;
  const { everyMs = EVERY_MS, atOnce = AT_ONCE, retry = PID_RETRY, random = Math.random } = options;
  const lengthOf = options.pauseMs ?? ((ms: number) => ms);
  const aborting = new AbortController();
  let stopping = false;
  /** Pauses in a row. */
  let pauses = 0;
  let trusted = false;
  let reopened = false;

  /** How long everything is to pause because of this one. */
  async function tell(taken: TakenPid): Promise<number> {
    const { pid, revision } = taken;
    const facts = { pid, provider: provider.kind, revision, tried: taken.tried };
    try {
      await tellWish(provider, taken, `${resolverUrl}/${pid}`, aborting.signal);
      await queue.done(taken, `${resolverUrl}/${pid}`);
      logger.info({ ...facts, wish: taken.wish }, 'persistent identifier told');
      return 0;
    } catch (error) {
      if (aborting.signal.aborted) return 0;
      if (!(error instanceof PidFailure)) throw error;
      const verdict = judgePublication(error, taken.tried, retry, pauses, random());
      await queue.failed(taken, `${error.kind}: ${error.message}`, verdict);
      const { waitMs, pauseMs } = verdict;
      const level = error.kind === 'SETUP' || waitMs === undefined ? 'error' : 'warn';
      logger[level](
        { ...facts, kind: error.kind, problem: error.message, waitMs, pauseMs },
        waitMs === undefined ? 'persistent identifier given up' : 'persistent identifier not told yet',
      );
      return pauseMs;
    }
  }

  /** How long to wait before the next round. */
  async function round(): Promise<number> {
    if (!reopened) {
      const count = await queue.reopen(provider.kind, resolverUrl);
      reopened = true;
      if (count > 0)
        logger.info({ provider: provider.kind, count }, 'persistent identifiers to be told again');
    }
    const taken = await queue.take(provider.kind, trusted ? atOnce : 1, options.leaseMs);
    if (taken.length === 0) return everyMs;
    const longest = Math.max(...(await Promise.all(taken.map(tell))));
    trusted = longest === 0;
    pauses = trusted ? 0 : pauses + 1;
    return trusted ? 0 : lengthOf(longest);
  }

  async function run(): Promise<void> {
    while (!stopping) {
      const waitMs = await round().catch((error: unknown) => {
        logger.warn({ err: error }, 'persistent identifiers could not be told; it will be tried again');
        return everyMs;
      });
      if (waitMs > 0 && !stopping) await pause(waitMs);
    }
  }

  let endPause = (): void => undefined;
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const running = run();
  return {
    async stop() {
      stopping = true;
      endPause();
      await Promise.race([running, sleep(DRAIN_MS, undefined, { ref: false })]);
      aborting.abort();
      await Promise.race([running, sleep(ABORT_MS, undefined, { ref: false })]);
    },
  };
}

async function tellWish(
  provider: PidProvider,
  { pid, wish, record, reason, revision, told, target }: TakenPid,
  url: string,
  signal: AbortSignal,
): Promise<void> {
  // The wish is known; only the address is another.
  if (told === revision) return provider.updateTarget(pid, url, signal);
  // Also what is retired before anybody heard of it was given to people, and leads to its tombstone.
  if (wish === 'PUBLISHED' || told === 0) await provider.publish(pid, { ...record, url }, signal);
  else if (target !== url) await provider.updateTarget(pid, url, signal);
  if (wish === 'RETIRED') await provider.retire(pid, reason ?? '', signal);
}
