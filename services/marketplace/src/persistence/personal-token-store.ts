import type { EntityManager } from 'typeorm';
import type { PersonalTokens } from '../application/ports.js';
import { insertUnlessTaken } from './insert-unless-taken.js';
import { PersonalTokenTable } from './personal-token-table.js';

export const personalTokenStore = (manager: EntityManager): PersonalTokens => ({
  insert: (token) =>
    insertUnlessTaken(manager, PersonalTokenTable, { ...token, scopes: [...token.scopes] }, { id: token.id }),
  find: async (id, userId) => (await manager.findOneBy(PersonalTokenTable, { id, userId })) ?? undefined,
  byHash: async (hash) => (await manager.findOneBy(PersonalTokenTable, { hash })) ?? undefined,
  revoke: async (id) => {
    await manager.update(PersonalTokenTable, { id }, { revokedAt: () => 'coalesce(revoked_at, now())' });
    return manager.findOneByOrFail(PersonalTokenTable, { id });
  },
});
