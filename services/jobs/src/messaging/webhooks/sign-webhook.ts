// The signature of Standard Webhooks: what a receiver checks before it believes a message.
import { createHmac } from 'node:crypto';

export interface SignedPart {
  readonly id: string;
  /** Seconds since 1970: receivers refuse old ones, so that a message that was overheard cannot be sent again later. */
  readonly timestamp: number;
  readonly body: string;
}

export function signWebhook(key: Uint8Array, { id, timestamp, body }: SignedPart): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
