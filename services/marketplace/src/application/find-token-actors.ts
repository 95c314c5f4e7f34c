import { AppError } from '@weft/errors';
import type { Caller, TokenActor, TokenLookup } from './ports.js';
import type { TokenUse } from './token-use.js';

export const MAX_TOKEN_HASHES = 500;

const HASH = /^[0-9a-f]{64}$/;

/** Answers the gateway, and only it, who is behind these tokens. Unknown, expired and revoked ones are left out. */
export const findTokenActors =
  (lookup: TokenLookup, use: TokenUse) =>
  async (caller: Caller, hashes: readonly string[]): Promise<TokenActor[]> => {
    if (caller.actor.kind !== 'gateway')
      throw new AppError('FORBIDDEN', 'Only the gateway may ask who is behind a token.');
    if (hashes.length > MAX_TOKEN_HASHES) {
      throw new AppError('BAD_USER_INPUT', `At most ${MAX_TOKEN_HASHES} hashes at once.`, {
        argument: 'hashes',
        limit: MAX_TOKEN_HASHES,
      });
    }
    const asked = hashes.filter((hash) => HASH.test(hash));
    if (asked.length === 0) return [];
    const actors = await lookup.actors(asked);
    use.note(actors.filter((actor) => actor.lastUseIsOld).map((actor) => actor.tokenId));
    return actors;
  };
