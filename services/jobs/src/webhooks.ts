// Puts together what sends webhooks; context.ts holds it.
import { randomBytes } from 'node:crypto';
import type { Database } from '@weft/database';
import type { Logger, Metrics, SyncPoint } from '@weft/telemetry';
import { deliverWebhook } from './application/deliver-webhook.js';
import type { TakenWebhook, WebhookPorts, WebhookReader } from './application/webhook-ports.js';
import type { Secrets } from './application/ports.js';
import type { JobsConfig } from './config.js';
import { createPostWebhook } from './messaging/webhooks/post-webhook.js';
import { createResolveHost } from './messaging/webhooks/resolve-host.js';
import { createWebhookQueue, createWebhookReader } from './persistence/webhook-store.js';
import { startCourier } from './webhook-courier.js';

export function webhookPorts(config: JobsConfig): WebhookPorts {
  return {
    policy: { allowHttp: config.JOBS_WEBHOOK_HTTP, allowPrivate: config.JOBS_WEBHOOK_PRIVATE },
    newKey: () => randomBytes(32),
  };
}

export interface WebhookParts {
  readonly config: JobsConfig;
  readonly database: Database;
  readonly ports: WebhookPorts;
  readonly secrets: Pick<Secrets, 'open'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly syncPoint: SyncPoint;
}

export interface Webhooks {
  readonly reader: WebhookReader;
  stop(): Promise<void>;
}

/** In lengths of the longest try: what is left is for the database around it. */
const LEASE_FACTOR = 3;

export function startWebhooks(parts: WebhookParts): Webhooks {
  const { config, database, ports, secrets, logger, metrics, syncPoint } = parts;
  const reader = createWebhookReader(database);
  if (ports.policy.allowPrivate)
    logger.warn('JOBS_WEBHOOK_PRIVATE is on: whoever may submit a job reaches the network of this machine');
  const queue = createWebhookQueue(database);
  const tries = metrics.counter('weft_webhook_tries_total', 'Tries to deliver a webhook by what came of it', [
    'outcome',
  ]);
  const post = createPostWebhook({
    policy: ports.policy,
    timeoutMs: config.JOBS_WEBHOOK_TIMEOUT,
    resolve: createResolveHost(),
  });
  const delivery = {
    queue,
    post,
    secrets,
    retry: { tries: config.JOBS_WEBHOOK_TRIES, backoffMs: config.JOBS_WEBHOOK_BACKOFF },
    random: () => Math.random(),
    sent: () => syncPoint('webhook-sent'),
  };
  // The URL is not logged: its path can be a secret of the receiver's.
  const deliver = async (taken: TakenWebhook, stopping: AbortSignal): Promise<void> => {
    const { result, verdict } = await deliverWebhook(delivery, taken, stopping);
    tries.inc({ outcome: result.failure ?? 'DELIVERED' });
    const { id: webhookId, jobId, host, number } = taken;
    const { statusCode, failure, durationMs } = result;
    const facts = { webhookId, jobId, host, number, statusCode, failure, durationMs, state: verdict.state };
    logger[failure === null ? 'info' : 'warn'](facts, 'webhook tried');
  };
  const courier = startCourier({
    queue,
    deliver,
    concurrency: config.JOBS_WEBHOOK_CONCURRENCY,
    perHost: config.JOBS_WEBHOOK_PER_HOST,
    everyMs: config.JOBS_WEBHOOK_POLL,
    leaseMs: config.JOBS_WEBHOOK_TIMEOUT * LEASE_FACTOR,
    logger,
  });
  return { reader, stop: () => courier.stop() };
}
