import { TOKEN_SCOPES } from '../domain/personal-token.js';
import type { NewId, TokenSecrets, Transact } from './ports.js';
import { settleUser } from './settle-user.js';

export interface FirstUser {
  readonly name: string;
  readonly secret: string;
}

/** `revoked`: the token was revoked by its user and stays so; another one must be set. */
export type FirstUserState = 'created' | 'present' | 'revoked';

/**
 * Sees to it that the first user exists, is an operator and can use the token of the settings. Runs at every start
 * of every replica; a changed token is added to the same user, the former one stays valid until it is revoked.
 */
export const ensureFirstUser =
  (transact: Transact, newId: NewId, secrets: TokenSecrets) =>
  (first: FirstUser): Promise<FirstUserState> =>
    transact(async (tx) => {
      await tx.holdFirstUser();
      const hash = secrets.hash(first.secret);
      const known = await tx.tokens.byHash(hash);
      if (known !== undefined) return known.revokedAt === null ? 'present' : 'revoked';
      const user =
        (await tx.users.byName(first.name)) ?? (await settleUser(tx, newId, first.name, ['operator']))?.user;
      if (user === undefined)
        throw new Error(`an organization has the name of the first user: ${first.name}`);
      if (!user.roles.includes('operator')) await tx.users.setRoles(user.id, [...user.roles, 'operator']);
      await tx.tokens.insert({
        id: newId(),
        userId: user.id,
        name: 'first token',
        hash,
        scopes: TOKEN_SCOPES,
        expiresAt: null,
      });
      return 'created';
    });
