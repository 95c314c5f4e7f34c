import { hasRole, type Actor } from '@weft/identity';
import { done, refused, userError, type Outcome } from '@weft/errors';
import type { Ports } from './ports.js';
import { mayChange } from './save-definition.js';

/** It starts no more and its name is free; its jobs, also those that run, still tell of it, so nothing of it is removed. */
export function deleteDefinition(
  ports: Ports,
  actor: Actor,
  id: string,
): Promise<Outcome<{ definitionId: string }>> {
  return ports.transact(async (tx) => {
    const found = await tx.definitions.lock(id);
    const denied = mayChange(actor, found);
    if (found === undefined || denied?.code === 'NOT_FOUND')
      return refused(userError('NOT_FOUND', 'There is no such job definition.', 'input', 'id'));
    if (!hasRole(actor, found.definition.organizationId, 'OWNER'))
      return refused(
        userError('FORBIDDEN', 'Deleting needs the role OWNER in the organization.', 'input', 'id'),
      );
    await tx.definitions.delete(id, await tx.jobs.now());
    return done({ definitionId: id });
  });
}
