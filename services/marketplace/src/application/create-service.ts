import type { Outcome } from '@weft/errors';
import { newServiceProblems, type Service } from '../domain/service.js';
import type { Caller, NewId, Transact } from './ports.js';
import { inOneTransaction, refuse, refuseFor } from './refusal.js';
import { NO_SUCH_ORGANIZATION, requireRole, requireWriter } from './rights.js';

export interface CreateServiceInput {
  /** Absent: the caller's personal organization. */
  readonly organizationId?: string | null;
  readonly name: string;
  readonly description?: string | null;
}

export const createService =
  (transact: Transact, newId: NewId) =>
  (caller: Caller, input: CreateServiceInput): Promise<Outcome<Service>> =>
    inOneTransaction(transact, async (tx) => {
      const userId = requireWriter(caller);
      const description = input.description ?? '';
      refuseFor(newServiceProblems({ name: input.name, description }));
      const organizationId = input.organizationId ?? (await tx.organizations.personalOf(userId))?.id ?? '';
      await requireRole(
        tx,
        userId,
        organizationId,
        'MAINTAINER',
        NO_SUCH_ORGANIZATION,
        'input',
        'organizationId',
      );
      const service = await tx.services.insert({
        id: newId(),
        organizationId,
        name: input.name,
        description,
        createdBy: userId,
      });
      return (
        service ??
        refuse('CONFLICT', 'The organization has a service with this name already.', 'input', 'name')
      );
    });
