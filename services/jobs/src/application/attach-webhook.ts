// Gives a job its webhook, whether the submission said so or the definition that it is started from.
import { userError, type UserError } from '@weft/errors';
import type { Job } from '../domain/job.js';
import type { StoredWebhook } from '../domain/definition/definition.js';
import type { WebhookRequest } from '../domain/webhook/webhook.js';
import { webhookKey, writeWebhookSecret } from '../domain/webhook/webhook-secret.js';
import { judgeWebhookUrl } from '../domain/webhook/webhook-url.js';
import type { Ports, Work } from './ports.js';
import { secretPlace } from './webhook-ports.js';

export function checkWebhook({ webhooks }: Ports, request: WebhookRequest | undefined): UserError[] {
  if (request === undefined) return [];
  const errors: UserError[] = [];
  const verdict = judgeWebhookUrl(request.url, webhooks.policy);
  if (!verdict.ok)
    errors.push(userError('WEBHOOK_URL_REFUSED', `The URL ${verdict.problem}.`, 'input', 'webhook', 'url'));
  if (request.secret !== null && webhookKey(request.secret) === undefined) {
    const message = 'A secret is `whsec_` and 24 to 64 bytes in base64.';
    errors.push(userError('BAD_USER_INPUT', message, 'input', 'webhook', 'secret'));
  }
  return errors;
}

/** @returns the secret, when it was made here: it is shown this once. The request has passed {@link checkWebhook}. */
export async function attachWebhook(
  ports: Ports,
  tx: Work,
  job: Pick<Job, 'id' | 'organizationId'>,
  request: WebhookRequest | undefined,
): Promise<{ webhookSecret?: string }> {
  if (request === undefined) return {};
  const secret = request.secret ?? writeWebhookSecret(ports.webhooks.newKey());
  const sealedSecret = ports.secrets.seal(secret, secretPlace(job.organizationId));
  await attachStoredWebhook(ports, tx, job, { url: request.url, sealedSecret });
  return request.secret === null ? { webhookSecret: secret } : {};
}

/** Its URL has passed {@link checkWebhook}: what may be sent to changes with the settings. */
export async function attachStoredWebhook(
  { webhooks, chance }: Ports,
  tx: Work,
  job: Pick<Job, 'id' | 'organizationId'>,
  { url, sealedSecret }: StoredWebhook,
): Promise<void> {
  const verdict = judgeWebhookUrl(url, webhooks.policy);
  if (!verdict.ok) throw new Error('a webhook was attached without a check');
  await tx.webhooks.attach({
    id: chance.newId(),
    jobId: job.id,
    organizationId: job.organizationId,
    url: verdict.url,
    host: verdict.host,
    sealedSecret,
  });
}
