import type { Outcome } from '@weft/errors';
import { joinProblems } from '../domain/member.js';
import type { Organization } from '../domain/organization.js';
import { displayNameProblems } from '../domain/text-rules.js';
import type { Caller, NewId, Transact } from './ports.js';
import { inOneTransaction, refuse, refuseFor } from './refusal.js';
import { requireWriter } from './rights.js';

/** Makes an organization that people share; its maker is its first owner. */
export const createOrganization =
  (transact: Transact, newId: NewId) =>
  (caller: Caller, input: { readonly name: string }): Promise<Outcome<Organization>> =>
    inOneTransaction(transact, async (tx) => {
      const userId = requireWriter(caller);
      refuseFor(displayNameProblems(input.name, 'input', 'name'));
      if ((await tx.users.lock(userId)) === undefined)
        refuse('FORBIDDEN', 'Your user does not exist any more.');
      refuseFor(joinProblems(await tx.members.countMemberships(userId)));
      const organization = await tx.organizations.insert({
        id: newId(),
        name: input.name,
        personalUserId: null,
      });
      if (organization === undefined)
        refuse('CONFLICT', 'An organization or user has this name already.', 'input', 'name');
      await tx.members.insert({ organizationId: organization.id, userId, role: 'OWNER' });
      return organization;
    });
