// The keys that secrets are sealed with, as a setting: `<id>:<32 bytes, base64>`, several with commas between them.
// The first seals; the others only open what they sealed, so that a key can be replaced while its secrets live.
import { randomBytes } from 'node:crypto';
import { Secret } from '@weft/config';
import { z } from 'zod';

export interface SecretsKeys {
  /** In the order of the setting. */
  readonly keys: ReadonlyMap<string, Buffer>;
}

const KEY_BYTES = 32;
const ID = /^[A-Za-z0-9_-]{1,32}$/;

/** `undefined` when the text is not a list of keys. */
export function readSecretsKeys(text: string): SecretsKeys | undefined {
  const keys = new Map<string, Buffer>();
  for (const one of text.split(',')) {
    const [id = '', encoded = '', ...rest] = one.trim().split(':');
    const key = Buffer.from(encoded, 'base64');
    if (rest.length > 0 || !ID.test(id) || key.length !== KEY_BYTES || keys.has(id)) return undefined;
    keys.set(id, key);
  }
  return { keys };
}

/** A fresh key in the form of the setting. */
export const newSecretsKey = (id = '1'): string => `${id}:${randomBytes(KEY_BYTES).toString('base64')}`;

/** A setting that is a list of keys, wrapped in {@link Secret} and checked when it is read. */
export const secretsKeySetting = () =>
  z
    .string()
    .refine(
      (text) => readSecretsKeys(text) !== undefined,
      'is not <id>:<32 bytes in base64>, several with commas between them (the first one encrypts)',
    )
    .transform((text) => new Secret(text));
