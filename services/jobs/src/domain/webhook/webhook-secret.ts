// The form of a signing secret as Standard Webhooks has it: `whsec_` and 24 to 64 bytes in base64.
const PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The key's bytes; undefined when the text is no such secret. */
export function webhookKey(secret: string): Buffer | undefined {
  if (!secret.startsWith(PREFIX) || secret.length > 100) return undefined;
  const encoded = secret.slice(PREFIX.length);
  if (!BASE64.test(encoded)) return undefined;
  const key = Buffer.from(encoded, 'base64');
  const whole = key.toString('base64').replaceAll('=', '') === encoded.replaceAll('=', '');
  return whole && key.length >= 24 && key.length <= 64 ? key : undefined;
}

export const writeWebhookSecret = (key: Uint8Array): string =>
  `${PREFIX}${Buffer.from(key).toString('base64')}`;
