import type { Outcome } from '@weft/errors';
import { isId } from '../domain/id.js';
import { newServiceVersionProblems, type Runtime, type ServiceVersion } from '../domain/service-version.js';
import type { Caller, NewId, SchemaProblems, Transact } from './ports.js';
import { inOneTransaction, refuse, refuseFor } from './refusal.js';
import { requireRole, requireWriter } from './rights.js';

export interface AddServiceVersionInput {
  readonly serviceId: string;
  readonly version: string;
  readonly description?: string | null;
  readonly code: { readonly artifactId: string; readonly runtime: Runtime };
  readonly dataSchema?: unknown;
  readonly paramsSchema?: unknown;
}

const NO_SUCH_SERVICE = 'Your organizations have no service with this id.';

/** Adds a version that its organization may try before it is published. */
export const addServiceVersion =
  (transact: Transact, newId: NewId, schemaProblems: SchemaProblems) =>
  async (caller: Caller, input: AddServiceVersionInput): Promise<Outcome<ServiceVersion>> => {
    const wish = {
      version: input.version,
      description: input.description ?? '',
      code: input.code,
      dataSchema: input.dataSchema ?? null,
      paramsSchema: input.paramsSchema ?? null,
    };
    // Before the transaction, which must not be held open by it.
    const ofSchemas = await Promise.all(
      (['dataSchema', 'paramsSchema'] as const).map((field) =>
        schemaProblems(caller.actor.id, wish[field], 'input', field),
      ),
    );
    return inOneTransaction(transact, async (tx) => {
      const userId = requireWriter(caller);
      const service = isId(input.serviceId) ? await tx.services.find(input.serviceId) : undefined;
      await requireRole(
        tx,
        userId,
        service?.organizationId ?? '',
        'MAINTAINER',
        NO_SUCH_SERVICE,
        'input',
        'serviceId',
      );
      if (service === undefined) refuse('NOT_FOUND', NO_SUCH_SERVICE, 'input', 'serviceId');
      refuseFor([...newServiceVersionProblems(wish), ...ofSchemas.flat()]);
      const { code, ...rest } = wish;
      // Which version came before this one is told with it, and must stay true.
      await tx.services.hold(service.id);
      const added = await tx.versions.insert({
        ...rest,
        id: newId(),
        serviceId: service.id,
        lifecycle: 'CREATED',
        codeArtifactId: code.artifactId,
        runtime: code.runtime,
        seq: 1,
      });
      if (added === undefined)
        refuse('CONFLICT', 'The service has this version already.', 'input', 'version');
      await tx.announce(service, added, caller.correlationId);
      return added;
    });
  };
