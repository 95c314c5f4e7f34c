import type { EntityManager } from 'typeorm';
import type { Services } from '../application/ports.js';
import { insertUnlessTaken } from './insert-unless-taken.js';
import { ServiceTable } from './service-table.js';

export const serviceStore = (manager: EntityManager): Services => ({
  insert: (service) => insertUnlessTaken(manager, ServiceTable, service, { id: service.id }),
  hold: async (id) => {
    await manager.findOne(ServiceTable, { where: { id }, lock: { mode: 'for_no_key_update' } });
  },
  find: async (id) => (await manager.findOneBy(ServiceTable, { id })) ?? undefined,
});
