// What the other services heard of the service versions, told again to a stream that has lost it (ADR 0019).
import type { Retell } from '@weft/outbox';
import { MoreThan, In } from 'typeorm';
import { announceServiceVersion } from './messaging/announce-service-version.js';
import { previousVersions } from './persistence/previous-versions.js';
import { ServiceTable } from './persistence/service-table.js';
import { ServiceVersionTable } from './persistence/service-version-table.js';

const VERSIONS_A_PAGE = 20;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** All of them, as they are: who knows a version in this state already hears nothing new. */
export const retellServiceVersions: Retell = async (tx, after) => {
  const versions = await tx.manager.find(ServiceVersionTable, {
    where: { id: MoreThan(after === '' ? BEFORE_ALL : after) },
    order: { id: 'ASC' },
    take: VERSIONS_A_PAGE,
    // None of them may move on between this reading and the commit, after which it tells of itself.
    lock: { mode: 'pessimistic_read' },
  });
  const services = new Map(
    (await tx.manager.findBy(ServiceTable, { id: In(versions.map((one) => one.serviceId)) })).map((one) => [
      one.id,
      one,
    ]),
  );
  const previous = await previousVersions(
    tx,
    versions.map(({ id }) => id),
  );
  for (const version of versions) {
    const service = services.get(version.serviceId);
    if (service !== undefined)
      await announceServiceVersion(tx, service, version, previous.get(version.id) ?? null, 'stream-rebuilt');
  }
  return versions.length < VERSIONS_A_PAGE ? undefined : versions.at(-1)?.id;
};
