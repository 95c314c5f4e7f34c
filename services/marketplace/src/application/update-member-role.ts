import type { Outcome } from '@weft/errors';
import { memberChangeProblems, type Member, type MemberRole } from '../domain/member.js';
import { lockMembership } from './lock-membership.js';
import type { Caller, Transact } from './ports.js';
import { inOneTransaction, refuseFor } from './refusal.js';
import { requireWriter } from './rights.js';

export interface UpdateMemberRoleInput {
  readonly organizationId: string;
  readonly userId: string;
  readonly role: MemberRole;
}

export const updateMemberRole =
  (transact: Transact) =>
  (caller: Caller, input: UpdateMemberRoleInput): Promise<Outcome<Member>> =>
    inOneTransaction(transact, async (tx) => {
      const { organization, member, owners } = await lockMembership(tx, requireWriter(caller), input, false);
      refuseFor(memberChangeProblems(organization, member, input.role, owners, 'input', 'role'));
      return member.role === input.role ? member : tx.members.setRole(member, input.role);
    });
