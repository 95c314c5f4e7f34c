// A user's credential. Only its hash is known here; the secret is shown once, to the one who made it.
import { done, refused, userError, type Outcome } from '@weft/errors';
import { displayNameProblems } from './text-rules.js';

/** `read` queries, `write` also changes, `admin` also uses the platform roles of the user. */
export const TOKEN_SCOPES = ['read', 'write', 'admin'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

export interface PersonalToken {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  /** SHA-256 of the secret, in lower-case hex. */
  readonly hash: string;
  readonly scopes: readonly TokenScope[];
  /** Null: until it is revoked. */
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
}

export interface TokenWish {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date | null;
}

/** What the one who asks for a token may hand on: no scope that they lack, and no longer life than their own credential. */
export interface TokenGrant {
  readonly scopes: readonly TokenScope[];
  readonly until: Date | null;
}

export interface GrantedToken {
  readonly scopes: readonly TokenScope[];
  readonly expiresAt: Date | null;
}

const isScope = (text: string): text is TokenScope => (TOKEN_SCOPES as readonly string[]).includes(text);

/** What the wish amounts to under the grant; without an expiry of its own the token ends with the grant. */
export function grantToken(
  wish: TokenWish,
  grant: TokenGrant,
  now: Date,
  ...path: string[]
): Outcome<GrantedToken> {
  const problems = displayNameProblems(wish.name, ...path, 'name');
  const scopes = TOKEN_SCOPES.filter((scope) => wish.scopes.includes(scope));
  const unknown = wish.scopes.filter((scope) => !isScope(scope));
  if (unknown.length > 0 || scopes.length === 0) {
    problems.push(
      userError(
        'BAD_USER_INPUT',
        `A token has one or more of the scopes ${TOKEN_SCOPES.join(', ')}.`,
        ...path,
        'scopes',
      ),
    );
  }
  const excess = scopes.filter((scope) => !grant.scopes.includes(scope));
  if (excess.length > 0) {
    problems.push(
      userError(
        'FORBIDDEN',
        `A token cannot give more than the one that makes it: you lack ${excess.join(', ')}.`,
        ...path,
        'scopes',
      ),
    );
  }
  const expiresAt = wish.expiresAt ?? grant.until;
  if (wish.expiresAt !== null && !(wish.expiresAt > now)) {
    problems.push(userError('BAD_USER_INPUT', 'A token expires in the future.', ...path, 'expiresAt'));
  } else if (expiresAt !== null && grant.until !== null && expiresAt > grant.until) {
    problems.push(
      userError(
        'FORBIDDEN',
        `A token cannot outlive the one that makes it, which expires at ${grant.until.toISOString()}.`,
        ...path,
        'expiresAt',
      ),
    );
  }
  return problems.length > 0 ? refused(...problems) : done({ scopes, expiresAt });
}

/** The scopes that scopes held by a token amount to: each includes those before it. */
export function effectiveScopes(held: readonly string[]): TokenScope[] {
  const highest = Math.max(...held.filter(isScope).map((scope) => TOKEN_SCOPES.indexOf(scope)), -1);
  return TOKEN_SCOPES.slice(0, highest + 1);
}
