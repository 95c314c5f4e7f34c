// Secrets at rest: AES-256-GCM under a named key, bound to the place where they are kept.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { Secret } from '@weft/config';
import { AppError } from '@weft/errors';
import { readSecretsKeys } from './secrets-keys.js';

/** Seals texts for storage. What is sealed for one place opens there only: a row cannot be given another's secret. */
export interface SecretBox {
  seal(text: string, place: string): string;
  /** Throws SECRET_UNREADABLE when the key is gone, the place is another or the text was changed. */
  open(sealed: string, place: string): string;
  /**
   * Tells whether two secrets are the same without telling what they are. Made with the oldest key, so that it stays
   * the same while a newer one is put before it.
   */
  fingerprint(text: string): string;
}

const FORMAT = 'v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;

export function createSecretBox(setting: Secret): SecretBox {
  const keys = readSecretsKeys(setting.reveal())?.keys;
  const sealing = keys === undefined ? undefined : [...keys][0];
  const oldest = keys === undefined ? undefined : [...keys.values()].at(-1);
  if (keys === undefined || sealing === undefined || oldest === undefined)
    throw new AppError('CONFIG_INVALID', 'The keys of secrets are not of their documented form.');
  const [keyId, key] = sealing;

  return {
    seal(text, place) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(place));
      const body = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return [FORMAT, keyId, body.toString('base64url')].join('.');
    },
    open(sealed, place) {
      const [format, id = '', encoded = ''] = sealed.split('.');
      const known = format === FORMAT ? keys.get(id) : undefined;
      if (known === undefined)
        throw new AppError(
          'SECRET_UNREADABLE',
          'A secret was sealed with a key that is not given any more.',
          {
            keyId: id,
          },
        );
      const body = Buffer.from(encoded, 'base64url');
      try {
        const decipher = createDecipheriv('aes-256-gcm', known, body.subarray(0, IV_BYTES))
          .setAAD(Buffer.from(place))
          .setAuthTag(body.subarray(-TAG_BYTES));
        const text = decipher.update(body.subarray(IV_BYTES, -TAG_BYTES));
        return Buffer.concat([text, decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new AppError(
          'SECRET_UNREADABLE',
          'A secret was changed, or sealed for another place.',
          {},
          { cause },
        );
      }
    },
    fingerprint: (text) => createHmac('sha256', oldest).update(text).digest('hex'),
  };
}
