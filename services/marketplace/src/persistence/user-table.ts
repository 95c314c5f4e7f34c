import { EntitySchema } from 'typeorm';
import type { User } from '../domain/user.js';
import { createdAt, id, text, texts } from './columns.js';

export const UserTable = new EntitySchema<User>({
  name: 'User',
  tableName: 'user',
  columns: { id, name: text('name'), roles: texts('roles'), createdAt },
  indices: [{ name: 'user_name', columns: ['name'], unique: true, synchronize: false }],
});
