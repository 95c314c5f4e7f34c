// Gives a job its webhook. What a job definition says one day goes the same way: whoever makes a job attaches it.
import { userError, type UserError } from '@weft/errors';
import type { Job } from '../domain/job.js';
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
  { webhooks, secrets, chance }: Ports,
  tx: Work,
  job: Pick<Job, 'id' | 'organizationId'>,
  request: WebhookRequest | undefined,
): Promise<{ webhookSecret?: string }> {
  if (request === undefined) return {};
  const verdict = judgeWebhookUrl(request.url, webhooks.policy);
  if (!verdict.ok) throw new Error('a webhook was attached without a check');
  const secret = request.secret ?? writeWebhookSecret(webhooks.newKey());
  await tx.webhooks.attach({
    id: chance.newId(),
    jobId: job.id,
    organizationId: job.organizationId,
    url: verdict.url,
    host: verdict.host,
    sealedSecret: secrets.seal(secret, secretPlace(job.organizationId)),
  });
  return request.secret === null ? { webhookSecret: secret } : {};
}
