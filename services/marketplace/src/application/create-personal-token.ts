import type { Outcome } from '@weft/errors';
import { isId } from '../domain/id.js';
import { effectiveScopes, type TokenGrant, type TokenWish } from '../domain/personal-token.js';
import type { IssuedToken, IssueToken } from './issue-token.js';
import type { Caller, Transact, Transaction } from './ports.js';
import { inOneTransaction, refuse } from './refusal.js';
import { requireWriter } from './rights.js';

/** Makes another token for the caller, no stronger and no longer-lived than the one they use. */
export const createPersonalToken =
  (transact: Transact, issue: IssueToken) =>
  (caller: Caller, input: TokenWish): Promise<Outcome<IssuedToken>> =>
    inOneTransaction(transact, async (tx) => {
      const userId = requireWriter(caller);
      return issue(tx, userId, input, await grantOf(tx, userId, caller), 'input');
    });

async function grantOf(tx: Transaction, userId: string, caller: Caller): Promise<TokenGrant> {
  const { tokenId } = caller.actor;
  const scopes = effectiveScopes(caller.actor.scopes);
  // No token behind the actor: the gateway vouches for the user by other means, such as an identity provider.
  if (tokenId === undefined) return { scopes, until: null };
  const own = isId(tokenId) ? await tx.tokens.find(tokenId, userId) : undefined;
  // A signed actor lives for a minute; a token that was revoked meanwhile must not leave an heir.
  if (own === undefined || own.revokedAt !== null)
    refuse('FORBIDDEN', 'The token that asks is not valid any more.');
  return { scopes, until: own.expiresAt };
}
