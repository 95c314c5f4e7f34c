import DataLoader from 'dataloader';
import type { Reads } from '../application/reads.js';
import type { Member } from '../domain/member.js';
import type { Organization } from '../domain/organization.js';
import type { Service } from '../domain/service.js';
import type { ServiceVersion } from '../domain/service-version.js';
import type { Team } from '../domain/team.js';
import type { User } from '../domain/user.js';

export interface Loaders {
  readonly user: DataLoader<string, User | null>;
  readonly organization: DataLoader<string, Organization | null>;
  readonly membership: DataLoader<string, Member | null>;
  readonly organizationName: DataLoader<string, Pick<Organization, 'name'> | null>;
  readonly team: DataLoader<string, Team | null>;
  readonly service: DataLoader<string, Service | null>;
  readonly serviceVersion: DataLoader<string, ServiceVersion | null>;
  readonly latestVersion: DataLoader<string, ServiceVersion | null>;
}

/** Gathers the ids that one tick of a request asks for into one query each. Null: not there, or not for this caller. */
export const createLoaders = (reads: Reads): Loaders => ({
  user: batched(
    (ids) => reads.users(ids),
    (user) => user.id,
  ),
  organization: batched(
    (ids) => reads.organizationsById(ids),
    (organization) => organization.id,
  ),
  membership: batched(
    (ids) => reads.memberships(ids),
    (member) => member.organizationId,
  ),
  organizationName: batched(
    (ids) => reads.organizationNames(ids),
    (organization) => organization.id,
  ),
  team: batched(
    (ids) => reads.teamsById(ids),
    (team) => team.id,
  ),
  service: batched(
    (ids) => reads.servicesById(ids),
    (service) => service.id,
  ),
  serviceVersion: batched(
    (ids) => reads.versionsById(ids),
    (version) => version.id,
  ),
  latestVersion: batched(
    (ids) => reads.latestVersions(ids),
    (version) => version.serviceId,
  ),
});

/** Batches but does not remember: a second mutation of the same request must not read what was before the first. */
function batched<T>(
  read: (ids: readonly string[]) => Promise<readonly T[]>,
  keyOf: (row: T) => string,
): DataLoader<string, T | null> {
  return new DataLoader<string, T | null>(
    async (ids) => {
      const rows = new Map((await read([...new Set(ids)])).map((row) => [keyOf(row), row]));
      return ids.map((id) => rows.get(id) ?? null);
    },
    { cache: false, maxBatchSize: 1_000 },
  );
}
