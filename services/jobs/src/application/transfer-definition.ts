import { hasRole, type Actor } from '@weft/identity';
import { done, refused, userError, type Outcome } from '@weft/errors';
import { judgeReferences } from '../domain/references.js';
import { sealedFor } from './keep-definition.js';
import type { Ports } from './ports.js';
import { mayChange, type SavedDefinition } from './save-definition.js';

/**
 * Gives a definition with its versions and schedules to another organization; what it started stays where it ran. The
 * secrets of its command belong to the definition, that of its webhook is sealed anew: hence a version, which also tells
 * who took it in. Whoever does answers for its schedules from now on.
 */
export function transferDefinition(
  ports: Ports,
  actor: Actor,
  id: string,
  organizationId: string,
): Promise<Outcome<SavedDefinition>> {
  return ports.transact(async (tx): Promise<Outcome<SavedDefinition>> => {
    const found = await tx.definitions.lock(id);
    const denied = mayChange(actor, found);
    if (found === undefined || denied?.code === 'NOT_FOUND')
      return refused(denied ?? userError('NOT_FOUND', 'There is no such job definition.', 'input', 'id'));
    const { definition, current } = found;
    if (!hasRole(actor, organizationId, 'MAINTAINER'))
      return refused(
        userError(
          'FORBIDDEN',
          'Taking it in needs the role MAINTAINER in the other organization.',
          'input',
          'organizationId',
        ),
      );
    if (definition.organizationId === organizationId)
      return done({ definitionId: id, change: 'UNCHANGED', warnings: [] });
    if (!hasRole(actor, definition.organizationId, 'OWNER'))
      return refused(
        userError('FORBIDDEN', 'Giving it away needs the role OWNER in its organization.', 'input', 'id'),
      );
    if ((await tx.definitions.lockName(organizationId, definition.name)) !== undefined)
      return refused(
        userError(
          'CONFLICT',
          'That organization has a job definition of this name.',
          'input',
          'organizationId',
        ),
      );
    const { template } = current;
    const references = await tx.references.find(template.serviceVersionId, template.targetId, template);
    const { errors: unfit, unknown } = judgeReferences(organizationId, template, references);
    if (unfit.length > 0)
      return refused(...unfit.map((error) => ({ ...error, path: ['input', 'organizationId'] })));
    const webhook = sealedFor(ports.secrets, definition.organizationId, organizationId, template.webhook);
    if (!webhook.ok) return webhook;
    const createdAt = await tx.jobs.now();
    await tx.definitions.addVersion({
      ...current,
      template: { ...template, webhook: webhook.value },
      version: definition.version + 1,
      createdBy: actor.id,
      createdAt,
    });
    await tx.definitions.transfer(id, organizationId, actor.id, createdAt);
    return done({ definitionId: id, change: 'UPDATED', warnings: unknown });
  });
}
