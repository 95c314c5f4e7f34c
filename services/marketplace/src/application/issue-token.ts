import { grantToken, type PersonalToken, type TokenGrant, type TokenWish } from '../domain/personal-token.js';
import type { NewId, TokenSecrets, Transaction } from './ports.js';
import { accepted } from './refusal.js';

export interface IssuedToken {
  readonly personalToken: PersonalToken;
  /** Shown to its maker now and never again. */
  readonly secret: string;
}

export type IssueToken = (
  tx: Transaction,
  userId: string,
  wish: TokenWish,
  grant: TokenGrant,
  ...path: string[]
) => Promise<IssuedToken>;

/** Makes a token for a user, within what the grant allows. */
export const issueToken =
  (newId: NewId, secrets: TokenSecrets): IssueToken =>
  async (tx, userId, wish, grant, ...path) => {
    const granted = accepted(grantToken(wish, grant, await tx.now(), ...path));
    const { secret, hash } = secrets.mint();
    const personalToken = await tx.tokens.insert({ id: newId(), userId, name: wish.name, hash, ...granted });
    if (personalToken === undefined) throw new Error('a fresh token has the hash of another');
    return { personalToken, secret };
  };
