// The one place where the jobs service is put together.
import { randomUUID } from 'node:crypto';
import { CLAIM_REPEATED_MS } from '@weft/contracts';
import type { Database } from '@weft/database';
import type { Consumer, Messaging } from '@weft/messaging';
import {
  keepDeadLetter,
  keepStreamWhole,
  pruneInbox,
  startRelay,
  type CommittedRow,
  type Relay,
  type StreamKeeper,
} from '@weft/outbox';
import { patience } from '@weft/process';
import { createSecretBox } from '@weft/secrets';
import type { Logger, Metrics, SyncPoint } from '@weft/telemetry';
import { startBatchKeeper } from './batch-keeper.js';
import { startBatchWatch } from './batch-watch.js';
import { keepBatches } from './application/keep-batches.js';
import { expireLeases } from './application/expire-leases.js';
import { deleteOutlived } from './application/keep-record.js';
import { keepWorkflows } from './application/keep-workflows.js';
import { keepDeadlines } from './application/keep-deadlines.js';
import { learnReferences } from './application/learn-references.js';
import type { Birth, HandedOver, Ports, Signals } from './application/ports.js';
import { startRegistrations } from './application/start-registrations.js';
import { resolveReferences } from './application/resolve-references.js';
import { chance } from './chance.js';
import type { JobsConfig } from './config.js';
import { createFollowBatch } from './graphql/batch-live.resolver.js';
import { createJobsContext } from './graphql/jobs-context.js';
import { buildSchemaOf } from './graphql/schema.js';
import { startConsumers } from './messaging/consumes.js';
import { announceJob } from './messaging/publishes.js';
import { startWorkServer, type WorkServer } from './messaging/work-server.js';
import { createBatchReader } from './persistence/batch-reader.js';
import { createStoredReaders } from './persistence/definition-reader.js';
import { createJobReader } from './persistence/job-reader.js';
import { forgetOldRecords } from './persistence/forget-old-records.js';
import { createRecordReader } from './persistence/record-reader.js';
import { createCachedReferences } from './persistence/cached-references.js';
import { createHotStore } from './persistence/hot-store.js';
import { createRewriteNews } from './persistence/news-source.js';
import { createQueueReader, keepPace } from './persistence/queue-reader.js';
import { createRetellHistory } from './persistence/retell-history.js';
import { createTransact } from './persistence/transact.js';
import { createWorkflowReader } from './persistence/workflow-store.js';
import { createQueueCap } from './application/queue-cap.js';
import { createRecentJobs } from './application/recent-jobs.js';
import { createClaimDesk, type ClaimDesk } from './claim-desk.js';
import { createJobEngine } from './job-engine.js';
import { startLiveJobs } from './live-jobs.js';
import { startPromoter } from './promoter.js';
import { runDue } from './due-schedules.js';
import { startScheduler } from './scheduler.js';
import { startSweeper } from './sweeper.js';
import { startWorkflowKeeper } from './workflow-keeper.js';
import { createWaitingWorkers } from './waiting-workers.js';
import { startWebhooks, webhookPorts } from './webhooks.js';
import { createSchemaDesk } from './schema-desk.js';

export interface Foundations {
  readonly config: JobsConfig;
  readonly database: Database;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly syncPoint: SyncPoint;
}

export type JobsServiceContext = Awaited<ReturnType<typeof createContext>>;

/** Reading, submitting and cancelling work from here on; `attach` adds what needs the broker. */
export async function createContext({ config, database, logger, metrics, syncPoint: hit }: Foundations) {
  const syncPoint: SyncPoint = (name) => hit(`jobs-${name}`);
  const reader = createJobReader(database);
  const schemaDesk = createSchemaDesk();
  const { checking } = schemaDesk;
  const live = startLiveJobs(reader, logger);
  const transitions = metrics.counter('weft_job_transitions_total', 'Transitions of jobs by cause', [
    'cause',
  ]);
  const replica = randomUUID();
  let broker: Broker | undefined;

  const carry = (rows: readonly CommittedRow[]): void => {
    broker?.relay.carry(rows);
    live.committed(rows);
  };
  const references = createCachedReferences(database);
  const signals: Signals = {
    jobChanged: (job, steps) => {
      live.moved({ job, transitions: steps });
      for (const { seq, cause, from, to, attempt } of steps) {
        transitions.inc({ cause });
        logger.info(
          { jobId: job.id, correlationId: job.correlationId, seq, cause, from, to, attempt },
          'job transition',
        );
      }
    },
    claimable: (targetId) => broker?.workServer.wake(targetId),
    batchAccepted: ({ id, jobsTotal, correlationId }) => {
      transitions.inc({ cause: 'SUBMITTED' }, jobsTotal);
      logger.info({ batchId: id, jobs: jobsTotal, correlationId }, 'batch accepted');
    },
    stepEnded: () => workflowKeeper.wake(),
    due: (at) => promoter.expect(at),
    freed: (ended, ranAt) => {
      waiting.freed(ended, ranAt);
      broker?.workServer.freed();
    },
    cancelRequested: (requests) => broker?.workServer.pushCancel(requests),
    stuck: (jobId, error) =>
      logger.error({ err: error, jobId }, 'job could not be moved on; it will be tried again'),
  };
  const limits = {
    concurrentAttempts: config.JOBS_CONCURRENT_ATTEMPTS === 0 ? null : config.JOBS_CONCURRENT_ATTEMPTS,
    queuedJobs: config.JOBS_QUEUED_MAX,
  };
  // While the broker is away no worker hears what it is given.
  const handOver = (births: readonly Birth[]): Promise<HandedOver> =>
    broker?.messaging.connected() === true
      ? waiting.handOver(births)
      : Promise.resolve({ births, settle: () => undefined });
  const queueReader = createQueueReader(database, limits);
  const ports: Ports = {
    transact: createTransact(database, announceJob, carry, references.clear),
    hot: createHotStore(database, announceJob, carry, handOver, syncPoint),
    recent: createRecentJobs(),
    references,
    now: database.now,
    signals,
    chance,
    secrets: createSecretBox(config.SECRETS_KEY),
    timing: {
      leaseMs: config.JOBS_LEASE,
      startLeaseMs: config.JOBS_START_LEASE,
      backoff: { baseMs: config.JOBS_BACKOFF, maxMs: config.JOBS_BACKOFF_MAX },
      referenceWaitMs: config.JOBS_REFERENCE_WAIT,
    },
    limits,
    queueCap: createQueueCap(queueReader),
    patience: () => patience(config.JOBS_REFERENCE_WAIT),
    webhooks: webhookPorts(config),
  };
  const workflowKeeper = startWorkflowKeeper(config.JOBS_SWEEP, () => keepWorkflows(ports, checking), logger);
  const waiting = createWaitingWorkers(ports);
  const webhooks = startWebhooks({
    config,
    database,
    ports: ports.webhooks,
    secrets: ports.secrets,
    logger,
    metrics,
    syncPoint,
  });
  const promoter = startPromoter({
    promote: ports.hot.promote,
    wake: (targetId) => broker?.workServer.wake(targetId),
    now: database.now,
    everyMs: config.JOBS_SWEEP,
    logger,
  });
  const sweeper = startSweeper({
    everyMs: config.JOBS_SWEEP,
    leaseMs: config.JOBS_LEASE,
    claimRepeatedMs: CLAIM_REPEATED_MS,
    expireLeases: (mayExpire) => expireLeases(ports, mayExpire),
    resolveReferences: (goesOn) => resolveReferences(ports, checking, goesOn),
    keepDeadlines: (goesOn) => keepDeadlines(ports, goesOn),
    wakeWaitingWorkers: () =>
      broker?.workServer.waitingTargets().forEach((targetId) => broker?.workServer.wake(targetId)),
    tidy: () => Promise.all([pruneInbox(database), forgetOldRecords(database), deleteOutlived(ports)]),
    connected: () => broker?.messaging.connected() === true,
    logger,
  });

  const stored = createStoredReaders(database);
  const batchReader = createBatchReader(database);
  const slots = metrics.counter('weft_schedule_slots_total', 'Planned times of schedules by outcome', [
    'outcome',
  ]);
  const scheduler = startScheduler({
    everyMs: config.JOBS_SCHEDULE,
    runDue: () =>
      runDue(ports, checking, syncPoint, logger, (outcome, times) => slots.inc({ outcome }, times)),
    logger,
  });
  const { schema, sdl } = await buildSchemaOf({
    ports,
    reader,
    webhookReader: webhooks.reader,
    records: createRecordReader(database),
    checking,
    stored,
    batchReader,
    queueReader,
    defaultTargetId: config.JOBS_DEFAULT_TARGET,
  });
  const batchWatch = startBatchWatch((ids) => batchReader.present(ids), logger);
  const batches = {
    reader: batchReader,
    workflows: createWorkflowReader(database),
    follow: createFollowBatch(batchReader, batchWatch),
  };
  const batchKeeper = startBatchKeeper(config.JOBS_BATCH_FOLD, () => keepBatches(ports), logger);
  return {
    schema,
    sdl,
    ports,
    reader,
    engine: createJobEngine(ports, checking, (claimant, request) =>
      broker?.workServer.claim(claimant, request),
    ),
    requestContext: (base: Parameters<typeof createJobsContext>[1]) =>
      createJobsContext({ reader, stored, live, queueReader, webhookReader: webhooks.reader, batches }, base),
    attach(messaging: Messaging): void {
      const rewrite = createRewriteNews(database, announceJob);
      const desk = createClaimDesk(ports, {
        waiting,
        keepPace: (targetId, pace) =>
          keepPace(database, replica, targetId, pace).catch((error: unknown) =>
            logger.debug({ err: error, targetId }, 'the pace of a target was not kept'),
          ),
        offer: (targetId) => broker?.workServer.offer(targetId),
        heldBack: (targetId) => broker?.workServer.heldBack(targetId),
      });
      broker = {
        messaging,
        desk,
        relay: startRelay({ database, messaging, logger, metrics, syncPoint, rewrite }),
        workServer: startWorkServer({ messaging, ports, desk, logger, syncPoint }),
        consumers: startConsumers(
          messaging,
          learnReferences(ports, checking),
          startRegistrations(ports),
          (letter) => keepDeadLetter(database, letter),
          logger,
        ),
        stream: keepStreamWhole({
          database,
          messaging,
          retell: createRetellHistory(announceJob),
          wake: () => broker?.relay.wake(),
          logger,
        }),
      };
      live.listen(messaging);
      sweeper.wasDeaf();
      messaging.onReconnect(() => {
        sweeper.wasDeaf();
        broker?.relay.wake();
      });
    },
    connected: () => broker?.messaging.connected() === true,
    async stop(): Promise<void> {
      broker?.workServer.stop();
      await webhooks.stop();
      await Promise.all((broker?.consumers ?? []).map((consumer) => consumer.stop()));
      await Promise.all([
        sweeper.stop(),
        scheduler.stop(),
        promoter.stop(),
        batchWatch.stop(),
        batchKeeper.stop(),
        workflowKeeper.stop(),
        live.stop(),
      ]);
      await schemaDesk.close();
      await broker?.stream.stop();
      await broker?.relay.stop();
      await broker?.messaging.close();
    },
  };
}

interface Broker {
  readonly messaging: Messaging;
  readonly desk: ClaimDesk;
  readonly relay: Relay;
  readonly workServer: WorkServer;
  readonly consumers: readonly Consumer[];
  readonly stream: StreamKeeper;
}
