import type { Outcome } from '@weft/errors';
import { memberChangeProblems } from '../domain/member.js';
import type { Organization } from '../domain/organization.js';
import { lockMembership } from './lock-membership.js';
import type { Caller, Transact } from './ports.js';
import { inOneTransaction, refuseFor } from './refusal.js';
import { requireWriter } from './rights.js';

export interface RemoveMemberInput {
  readonly organizationId: string;
  readonly userId: string;
}

/** Ends a membership: of others by an owner, one's own by anybody. */
export const removeMember =
  (transact: Transact) =>
  (caller: Caller, input: RemoveMemberInput): Promise<Outcome<Organization>> =>
    inOneTransaction(transact, async (tx) => {
      const { organization, member, owners } = await lockMembership(tx, requireWriter(caller), input, true);
      refuseFor(memberChangeProblems(organization, member, undefined, owners, 'input', 'userId'));
      await tx.members.remove(member);
      return organization;
    });
