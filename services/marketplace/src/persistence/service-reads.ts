// Reads about services and their versions.
import type { EntityManager } from 'typeorm';
import type { ReadStore } from '../application/ports.js';
import { readPage } from './read-page.js';
import { ServiceTable } from './service-table.js';
import { ServiceVersionTable } from './service-version-table.js';
import { serviceIsVisible, versionIsVisible } from './visible.js';

type ServiceReads = Pick<
  ReadStore,
  'services' | 'servicesById' | 'serviceByName' | 'versions' | 'versionsById' | 'latestVersions'
>;

export const serviceReads = (manager: () => EntityManager): ServiceReads => {
  const services = (viewer: string) =>
    manager().createQueryBuilder(ServiceTable, 's').where(serviceIsVisible('s'), { viewer });
  const versions = (viewer: string) =>
    manager().createQueryBuilder(ServiceVersionTable, 'v').where(versionIsVisible('v'), { viewer });
  return {
    services(viewer, { organizationId, text, lifecycle }, page) {
      const query = services(viewer);
      if (organizationId !== undefined)
        query.andWhere('s.organization_id = :organizationId', { organizationId });
      if (text !== undefined)
        query.andWhere(`position(lower(:text) in lower(s.name || ' ' || s.description)) > 0`, { text });
      if (lifecycle !== undefined) {
        query.andWhere(
          `exists (select 1 from service_version v where v.service_id = s.id and v.lifecycle = :lifecycle and ${versionIsVisible('v')})`,
          { lifecycle },
        );
      }
      return readPage(query, page, 's.id', 'DESC');
    },
    servicesById: (viewer, ids) => services(viewer).andWhere('s.id = any (:ids)', { ids }).getMany(),
    serviceByName: async (viewer, organizationId, name) =>
      (await services(viewer)
        .andWhere('s.organization_id = :organizationId and s.name = :name', { organizationId, name })
        .getOne()) ?? undefined,
    versions: (viewer, serviceId, page) =>
      readPage(versions(viewer).andWhere('v.service_id = :serviceId', { serviceId }), page, 'v.id', 'DESC'),
    versionsById: (viewer, ids) => versions(viewer).andWhere('v.id = any (:ids)', { ids }).getMany(),
    latestVersions: (viewer, serviceIds) =>
      versions(viewer)
        .distinctOn(['v.serviceId'])
        .andWhere('v.service_id = any (:serviceIds)', { serviceIds })
        .orderBy('v.serviceId')
        .addOrderBy('v.id', 'DESC')
        .getMany(),
  };
};
