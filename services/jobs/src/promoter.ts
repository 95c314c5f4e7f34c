// Lets jobs into the queue when their time comes: retries after their backoff, starts that were put off.
import type { Logger } from '@weft/telemetry';
import type { Promoted } from './application/ports.js';

export interface PromoterOptions {
  /** Promotes what is due, up to so many: the target of each, and when the next is due. */
  readonly promote: (most: number) => Promise<Promoted>;
  readonly wake: (targetId: string) => void;
  readonly now: () => Date;
  /** Looks this often for what another replica put off. */
  readonly everyMs: number;
  readonly logger: Logger;
}

export interface Promoter {
  /** Something is due at that time. */
  expect(at: Date): void;
  stop(): Promise<void>;
}

const MOST = 500;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function startPromoter({ promote, wake, now, everyMs, logger }: PromoterOptions): Promoter {
  let stopped = false;
  let underway: Promise<void> | undefined;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Infinity;

  const expect: Promoter['expect'] = (at) => {
    if (stopped || at.getTime() >= dueAt) return;
    dueAt = at.getTime();
    clearTimeout(timer);
    // A little later than the moment itself: the two clocks differ by a little.
    const ms = Math.min(Math.max(0, dueAt - now().getTime()) + 2, LONGEST_TIMER_MS);
    timer = setTimeout(() => {
      dueAt = Infinity;
      lookOnce();
    }, ms);
    timer.unref();
  };

  const look = async (): Promise<void> => {
    try {
      let found: Promoted;
      do {
        found = await promote(MOST);
        for (const targetId of new Set(found.targetIds)) wake(targetId);
      } while (found.targetIds.length === MOST && !stopped);
      if (found.nextAt !== null) expect(found.nextAt);
    } catch (error) {
      logger.warn({ err: error }, 'jobs that are due could not be queued; it will be tried again');
    }
  };
  const lookOnce = (): void => {
    if (stopped) return;
    if (underway !== undefined) {
      // The look under way may have passed over what is due now.
      again = true;
      return;
    }
    underway = look().finally(() => {
      underway = undefined;
      if (!again) return;
      again = false;
      lookOnce();
    });
  };
  const interval = setInterval(lookOnce, everyMs);

  return {
    expect,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      clearInterval(interval);
      await underway;
    },
  };
}
