import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@weft/errors';
import { connectMessaging, type Messaging } from '@weft/messaging';
import { createLogger, createSyncPoints, type Logger, type SyncPoint } from '@weft/telemetry';
import { createReportBox, serveTarget } from '@weft/worker';
import { NOOP_TARGET } from '../domain/local-targets.js';
import { startAttempt } from './attempt-run.js';
import { startBeating } from './beat.js';
import type { WorkerConfig } from './config.js';
import { createInputSource } from './input-source.js';
import { openLocalSandbox, type LocalSandbox } from './local-sandbox.js';
import { noopRunner } from './noop-runner.js';
import { createLogPost } from './log-post.js';
import { createPlatformClient, type PlatformClient } from './platform-client.js';
import { createProcessRunner } from './process-runner.js';
import { createRunEnvironments, type RunEnvironments } from './run-environments.js';
import type { Runner } from './runner.js';
import type { Capability } from './sandbox/probe.js';

/** A running worker. */
export interface Worker extends AsyncDisposable {
  /** Drains: finishes or gives back what runs, then lets go of everything. May be called again. */
  stop(): Promise<void>;
}

export interface WorkerOverrides {
  readonly logger?: Logger;
}

/** How long answers to the last reports are waited for; what is not answered by then stays on disk. */
const LAST_ANSWERS_MS = 1_500;

export async function createWorker(
  config: WorkerConfig,
  overrides: WorkerOverrides = {},
  stopping: AbortSignal = new AbortController().signal,
): Promise<Worker> {
  const logger = overrides.logger ?? createLogger(config.WORKER_ID, config.LOG_LEVEL);
  const targets = config.WEFT_BENCH
    ? [...new Set([...config.WORKER_TARGETS, NOOP_TARGET.id])]
    : config.WORKER_TARGETS;
  if (!config.WEFT_BENCH && targets.includes(NOOP_TARGET.id)) {
    throw new AppError(
      'CONFIG_INVALID',
      `${NOOP_TARGET.id} is for benchmarks: WORKER_TARGETS may name it only with WEFT_BENCH=1.`,
    );
  }
  const sandbox = await openLocalSandbox(config, logger);
  const connecting = connectMessaging({
    url: config.NATS_URL,
    user: config.NATS_USER,
    password: config.NATS_PASSWORD?.reveal(),
    role: config.WORKER_ID,
    logger,
  });
  // The client waits for a broker that is not there yet; a stop must not wait with it.
  const stopped = new Promise<never>((_resolve, reject) =>
    stopping.addEventListener('abort', () => reject(new Error('stopped while starting'))),
  );
  const messaging = await Promise.race([connecting, stopped]);
  const client = createPlatformClient(messaging, config.WORKER_ID);
  const environments = createRunEnvironments();
  const syncPoint = createSyncPoints(config.WEFT_SYNC_POINTS);
  const served = await Promise.all(
    targets.map((targetId) =>
      serve(config, targetId, { sandbox, messaging, client, environments, syncPoint, logger }),
    ),
  );
  logger.info({ targets, sandbox: sandbox.describe() }, 'worker serves');

  const stop = async (): Promise<void> => {
    await Promise.all(served.map((one) => one.stop()));
    await messaging.close();
    logger.info('worker stopped');
  };
  let stopPromise: Promise<void> | undefined;
  const stopOnce = (): Promise<void> => (stopPromise ??= stop());
  return { stop: stopOnce, [Symbol.asyncDispose]: stopOnce };
}

interface Shared {
  readonly sandbox: LocalSandbox;
  readonly messaging: Messaging;
  readonly client: PlatformClient;
  readonly environments: RunEnvironments;
  readonly syncPoint: SyncPoint;
  readonly logger: Logger;
}

async function serve(
  config: WorkerConfig,
  targetId: string,
  shared: Shared,
): Promise<{ stop(): Promise<void> }> {
  const { messaging, client, environments, syncPoint, logger } = shared;
  const runner = runnerOf(config, targetId, shared);
  let capability: Capability = await runner.capability();
  const stateDir = join(config.WORKER_STATE_DIR, 'reports', targetId);
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const reports = createReportBox(stateDir, client, targetId, syncPoint, logger);
  const logs = createLogPost(client, targetId);
  const services = { targetId, client, runner, reports, logs, environments, syncPoint, logger };
  const served = serveTarget({
    targetId,
    workerId: config.WORKER_ID,
    capacity: config.WORKER_CONCURRENCY,
    messaging,
    client,
    usable: () => capability.usable,
    start: (attempt, leases) => startAttempt({ ...services, leases }, attempt),
    logger,
  });
  const beats = startBeating(client, targetId, logger, async () => {
    capability = await runner.capability();
    const { usable, problem, runtimes } = capability;
    return {
      usable,
      problem,
      runtimes: [...runtimes],
      environments: environments.described(),
      running: served.running(),
      capacity: config.WORKER_CONCURRENCY,
    };
  });
  return {
    async stop() {
      await served.stop(config.WORKER_DRAIN_GRACE);
      beats.stop();
      await reports.close(LAST_ANSWERS_MS);
    },
  };
}

function runnerOf(config: WorkerConfig, targetId: string, { sandbox, client }: Shared): Runner {
  if (targetId === NOOP_TARGET.id) return noopRunner;
  return createProcessRunner(
    sandbox.sandbox,
    createInputSource(client, targetId, config.SANDBOX_DIR),
    () => sandbox.capability(),
    sandbox.facts,
  );
}
