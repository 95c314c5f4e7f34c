// One try of one message. It was taken under a lease before; whatever happens here, it is tried again after that.
import { judgeTry, type RetryPolicy, type TryResult, type Verdict } from '../domain/webhook/webhook.js';
import type { Secrets } from './ports.js';
import { webhookKey } from '../domain/webhook/webhook-secret.js';
import { secretPlace, type PostWebhook, type TakenWebhook, type WebhookQueue } from './webhook-ports.js';

export interface Delivery {
  readonly queue: Pick<WebhookQueue, 'record'>;
  readonly post: PostWebhook;
  readonly secrets: Pick<Secrets, 'open'>;
  readonly retry: RetryPolicy;
  readonly random: () => number;
  /** Between the answer and its record: a test kills the process here. */
  readonly sent: () => Promise<void>;
}

export async function deliverWebhook(
  { queue, post, secrets, retry, random, sent }: Delivery,
  taken: TakenWebhook,
  stopping: AbortSignal,
): Promise<{ result: TryResult; verdict: Verdict }> {
  const key = openKey(secrets, taken);
  const { url, body, now } = taken;
  const result =
    key === undefined ? UNREADABLE : await post({ id: messageId(taken.id), url, body, key, now }, stopping);
  const verdict = judgeTry(result, taken.tried, retry, random());
  await sent();
  await queue.record(taken, result, verdict);
  return { result, verdict };
}

/** `webhook-id`: the same for every try, so that a receiver knows a repetition. */
export const messageId = (webhookId: string): string => `msg_${webhookId.replaceAll('-', '')}`;

const UNREADABLE: TryResult = {
  statusCode: null,
  failure: 'SECRET_UNREADABLE',
  message: 'the signing secret cannot be read with the present SECRETS_KEY',
  response: null,
  durationMs: 0,
  retryAfterMs: null,
};

function openKey(
  secrets: Pick<Secrets, 'open'>,
  { sealedSecret, organizationId }: TakenWebhook,
): Uint8Array | undefined {
  try {
    return webhookKey(secrets.open(sealedSecret, secretPlace(organizationId)));
  } catch {
    return undefined;
  }
}
