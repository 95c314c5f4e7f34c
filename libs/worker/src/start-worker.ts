import type { Messaging } from '@weft/messaging';
import type { Logger, SyncPoint } from '@weft/telemetry';
import { createReportBox } from './report-box.js';
import { runAttempt, type ReportAccepted, type RunInProcess } from './run-attempt.js';
import { serveTarget } from './serve-target.js';
import { createWorkClient } from './work-client.js';

export interface WorkerOptions {
  readonly targetId: string;
  /** Unique among all that serve the target at the same time. */
  readonly workerId: string;
  /** Attempts that run at the same time. */
  readonly capacity: number;
  readonly messaging: Messaging;
  readonly run: RunInProcess;
  /** What was told of an attempt counts. Hears of most, not surely of all: the events of jobs say what came of it. */
  readonly accepted?: ReportAccepted;
  /**
   * Where finished reports are kept until they are answered. Left out, a report is lost with the process, and the attempt
   * with it: it is tried again. That is enough for runs that have their effect once by job and item, as they must anyway.
   */
  readonly stateDir?: string;
  readonly logger: Logger;
  readonly syncPoint?: SyncPoint;
}

/** A running worker. */
export interface Worker {
  readonly running: () => number;
  /** Claims no more, waits for what runs, and gives back what does not finish within the grace. */
  stop(graceMs: number): Promise<void>;
}

/** How long answers to the last reports are waited for. */
const LAST_ANSWERS_MS = 1_000;

/** Any service can be a worker: this one runs what it claims in its own process, without sandbox and log. */
export function startWorker(options: WorkerOptions): Worker {
  const { targetId, workerId, messaging, run, accepted, stateDir, logger } = options;
  const syncPoint = options.syncPoint ?? (() => Promise.resolve());
  const client = createWorkClient(messaging, workerId);
  const reports = createReportBox(stateDir, client, targetId, syncPoint, logger);
  const served = serveTarget({
    ...options,
    client,
    usable: () => true,
    start: (attempt, leases) =>
      runAttempt({ targetId, client, leases, reports, run, accepted, syncPoint, logger }, attempt),
  });
  return {
    running: served.running,
    async stop(graceMs) {
      await served.stop(graceMs);
      await reports.close(LAST_ANSWERS_MS);
    },
  };
}
