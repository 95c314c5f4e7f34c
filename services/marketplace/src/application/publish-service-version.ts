import type { Outcome } from '@weft/errors';
import { isId } from '../domain/id.js';
import { publish, type ServiceVersion } from '../domain/service-version.js';
import type { Caller, Transact } from './ports.js';
import { inOneTransaction, refuse } from './refusal.js';
import { requireRole, requireWriter } from './rights.js';

const NO_SUCH_VERSION = 'Your organizations have no service version with this id.';

/** Lets everybody run the version. Publishing a published one changes nothing and tells nobody, so it can be repeated. */
export const publishServiceVersion =
  (transact: Transact) =>
  (caller: Caller, input: { readonly id: string }): Promise<Outcome<ServiceVersion>> =>
    inOneTransaction(transact, async (tx) => {
      const userId = requireWriter(caller);
      const version = isId(input.id) ? await tx.versions.lock(input.id) : undefined;
      const service = version === undefined ? undefined : await tx.services.find(version.serviceId);
      await requireRole(
        tx,
        userId,
        service?.organizationId ?? '',
        'MAINTAINER',
        NO_SUCH_VERSION,
        'input',
        'id',
      );
      if (version === undefined || service === undefined) refuse('NOT_FOUND', NO_SUCH_VERSION, 'input', 'id');
      const published = publish(version);
      if (published === undefined) return version;
      const saved = await tx.versions.savePublished(published);
      await tx.announce(service, saved, caller.correlationId);
      return saved;
    });
