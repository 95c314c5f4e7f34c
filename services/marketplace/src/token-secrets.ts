import { createHash, randomBytes } from 'node:crypto';
import type { TokenSecrets } from './application/ports.js';

/** `weft_` and 32 random bytes in base64url: too many to guess, so an unsalted hash is enough to look it up by. */
export const TOKEN_SECRET = /^weft_[A-Za-z0-9_-]{43}$/;

const hash = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export const tokenSecrets: TokenSecrets = {
  hash,
  mint() {
    const secret = `weft_${randomBytes(32).toString('base64url')}`;
    return { secret, hash: hash(secret) };
  },
};
