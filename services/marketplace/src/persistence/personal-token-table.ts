import { EntitySchema } from 'typeorm';
import type { PersonalToken } from '../domain/personal-token.js';
import { createdAt, id, text, texts, time, uuid } from './columns.js';

export const PersonalTokenTable = new EntitySchema<PersonalToken>({
  name: 'PersonalToken',
  tableName: 'personal_token',
  columns: {
    id,
    userId: uuid('user_id'),
    name: text('name'),
    hash: text('hash'),
    scopes: texts('scopes'),
    expiresAt: time('expires_at'),
    revokedAt: time('revoked_at'),
    lastUsedAt: time('last_used_at'),
    createdAt,
  },
  uniques: [{ name: 'personal_token_hash', columns: ['hash'] }],
  indices: [{ name: 'personal_token_user', columns: ['userId', 'id'] }],
  foreignKeys: [
    {
      name: 'personal_token_user_fk',
      target: 'User',
      columnNames: ['userId'],
      referencedColumnNames: ['id'],
    },
  ],
});
