import { cancelNotice, cancelSubject, type ClaimedAttempt } from '@weft/contracts';
import type { Messaging } from '@weft/messaging';
import type { Logger } from '@weft/telemetry';
import { createLeaseKeeper, type LeaseKeeper } from './lease-keeper.js';
import { startTargetLoop, type AttemptRun } from './target-loop.js';
import type { WorkClient } from './work-client.js';

export interface ServeTargetOptions {
  readonly targetId: string;
  readonly workerId: string;
  /** Attempts that run at the same time. */
  readonly capacity: number;
  readonly messaging: Messaging;
  readonly client: WorkClient;
  /** Whether this worker can run anything of the target now. */
  readonly usable: () => boolean;
  /** Begins to run what was claimed, under a lease of its own. */
  readonly start: (attempt: ClaimedAttempt, leases: LeaseKeeper) => AttemptRun;
  readonly logger: Logger;
}

export interface ServedTarget {
  readonly running: () => number;
  /** Claims no more, waits for what runs, and gives back what does not finish within the grace. */
  stop(graceMs: number): Promise<void>;
}

/** A worker's life on one target: it claims while there is room, keeps its leases, and hears of cancellations. */
export function serveTarget(options: ServeTargetOptions): ServedTarget {
  const { targetId, workerId, capacity, messaging, client, usable, logger } = options;
  const leases = createLeaseKeeper(client, targetId, logger);
  const cancels = messaging.connection.subscribe(cancelSubject(targetId, workerId), {
    callback: (error, message) => {
      const notice = error === null ? cancelNotice.safeParse(message.json()) : undefined;
      if (notice?.success !== true) return;
      if ('only' in notice.data) leases.cancelled(notice.data.only, notice.data.only.items);
      else leases.cancelled(notice.data);
    },
  });
  const loop = startTargetLoop({
    targetId,
    capacity,
    client,
    usable,
    start: (attempt) => options.start(attempt, leases),
    logger,
  });
  return {
    running: loop.running,
    async stop(graceMs) {
      await loop.drain(graceMs);
      leases.stop();
      cancels.unsubscribe();
    },
  };
}
