import type { EntityManager } from 'typeorm';
import type { ServiceVersions } from '../application/ports.js';
import { insertUnlessTaken } from './insert-unless-taken.js';
import { ServiceVersionTable } from './service-version-table.js';

export const serviceVersionStore = (manager: EntityManager): ServiceVersions => ({
  insert: (version) => insertUnlessTaken(manager, ServiceVersionTable, version, { id: version.id }),
  lock: async (id) =>
    (await manager.findOne(ServiceVersionTable, { where: { id }, lock: { mode: 'pessimistic_write' } })) ??
    undefined,
  savePublished: async ({ id, lifecycle, seq }) => {
    const before = { id, seq: seq - 1 };
    const updated = await manager.update(ServiceVersionTable, before, {
      lifecycle,
      seq,
      publishedAt: () => 'now()',
    });
    if (updated.affected !== 1) throw new Error(`service version ${id} is not at seq ${before.seq} any more`);
    return manager.findOneByOrFail(ServiceVersionTable, { id });
  },
});
