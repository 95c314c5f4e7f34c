import type { EntityManager } from 'typeorm';
import type { Users } from '../application/ports.js';
import { insertUnlessTaken } from './insert-unless-taken.js';
import { UserTable } from './user-table.js';

export const userStore = (manager: EntityManager): Users => ({
  insert: (user) => insertUnlessTaken(manager, UserTable, user, { id: user.id }),
  byName: async (name) =>
    (await manager
      .createQueryBuilder(UserTable, 'u')
      .where('lower(u.name) = lower(:name)', { name })
      .getOne()) ?? undefined,
  lock: async (id) =>
    (await manager.findOne(UserTable, { where: { id }, lock: { mode: 'pessimistic_write' } })) ?? undefined,
  setRoles: async (id, roles) => {
    await manager.update(UserTable, { id }, { roles: [...roles] });
  },
});
