import type { Outcome } from '@weft/errors';
import { isId } from '../domain/id.js';
import { joinProblems, type Member, type MemberRole } from '../domain/member.js';
import { isStorable } from '../domain/text-rules.js';
import type { Caller, Transact, Transaction } from './ports.js';
import { inOneTransaction, refuse, refuseFor } from './refusal.js';
import { NO_SUCH_ORGANIZATION, requireRole, requireWriter } from './rights.js';

export interface AddMemberInput {
  readonly organizationId: string;
  /** Exactly one of the two says who it is. */
  readonly userId?: string | null;
  readonly userName?: string | null;
  readonly role: MemberRole;
}

export const addMember =
  (transact: Transact) =>
  (caller: Caller, input: AddMemberInput): Promise<Outcome<Member>> =>
    inOneTransaction(transact, async (tx) => {
      await requireRole(
        tx,
        requireWriter(caller),
        input.organizationId,
        'OWNER',
        NO_SUCH_ORGANIZATION,
        'input',
        'organizationId',
      );
      const userId = await nameUser(tx, input);
      refuseFor(joinProblems(await tx.members.countMemberships(userId), 'input'));
      const member = await tx.members.insert({
        organizationId: input.organizationId,
        userId,
        role: input.role,
      });
      return member ?? refuse('CONFLICT', 'This user is a member already: change the role instead.', 'input');
    });

async function nameUser(tx: Transaction, input: AddMemberInput): Promise<string> {
  const { userId, userName } = input;
  if ((userId ?? undefined) === undefined && typeof userName === 'string') {
    const named = isStorable(userName) ? await tx.users.byName(userName) : undefined;
    if (named === undefined || (await tx.users.lock(named.id)) === undefined) {
      refuse('NOT_FOUND', 'No user has this name.', 'input', 'userName');
    }
    return named.id;
  }
  if ((userName ?? undefined) === undefined && typeof userId === 'string') {
    const known = isId(userId) ? await tx.users.lock(userId) : undefined;
    return known?.id ?? refuse('NOT_FOUND', 'No user has this id.', 'input', 'userId');
  }
  return refuse('BAD_USER_INPUT', 'Give either userId or userName.', 'input');
}
