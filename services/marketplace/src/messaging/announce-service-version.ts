import { serviceVersionChanged, type ServiceVersionChanged } from '@weft/contracts';
import type { Queryable } from '@weft/database';
import { appendToOutbox } from '@weft/outbox';
import type { Service } from '../domain/service.js';
import type { ServiceVersion } from '../domain/service-version.js';

/** A version's state as the other services hear of it. */
export const serviceVersionNews = (
  service: Service,
  version: ServiceVersion,
  previousVersionId: string | null,
): ServiceVersionChanged => ({
  serviceVersionId: version.id,
  seq: version.seq,
  serviceId: service.id,
  organizationId: service.organizationId,
  serviceName: service.name,
  version: version.version,
  previousVersionId,
  lifecycle: version.lifecycle,
  code: { artifactId: version.codeArtifactId, runtime: version.runtime },
  dataSchema: version.dataSchema,
  paramsSchema: version.paramsSchema,
});

/** Writes the news into the outbox of the transaction that makes it true. */
export const announceServiceVersion = (
  tx: Queryable,
  service: Service,
  version: ServiceVersion,
  previousVersionId: string | null,
  correlationId: string,
): Promise<void> =>
  appendToOutbox(
    tx,
    serviceVersionChanged,
    serviceVersionNews(service, version, previousVersionId),
    version.publishedAt ?? version.createdAt,
    correlationId,
  );
