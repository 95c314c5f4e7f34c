// What a caller may change. Membership is read from the tables, not from the signed actor, whose copy may be seconds old:
// a new organization can be used at once, and a removed member loses it at once.
import { hasScope } from '@weft/identity';
import { isId } from '../domain/id.js';
import { roleAtLeast, type Member, type MemberRole } from '../domain/member.js';
import type { Caller, Transaction } from './ports.js';
import { refuse } from './refusal.js';

/** The id of the user who asks, who must be a user whose token may write. */
export function requireWriter(caller: Caller): string {
  const { actor } = caller;
  if (actor.kind !== 'user' || !isId(actor.id)) refuse('FORBIDDEN', 'Only a user can do this.');
  if (!hasScope(actor, 'write')) refuse('FORBIDDEN', 'This needs a token with the scope "write".');
  return actor.id;
}

/** Acts on the platform itself need the role and a token made for it. */
export function requireOperator(caller: Caller): string {
  const userId = requireWriter(caller);
  if (!caller.actor.roles.includes('operator'))
    refuse('FORBIDDEN', 'This needs the platform role "operator".');
  if (!hasScope(caller.actor, 'admin')) refuse('FORBIDDEN', 'This needs a token with the scope "admin".');
  return userId;
}

/** The caller's membership, with at least this role. To a stranger the organization does not exist. */
export async function requireRole(
  tx: Transaction,
  userId: string,
  organizationId: string,
  role: MemberRole,
  missing: string,
  ...path: string[]
): Promise<Member> {
  const member = isId(organizationId) ? await tx.members.find(organizationId, userId) : undefined;
  if (member === undefined) refuse('NOT_FOUND', missing, ...path);
  if (!roleAtLeast(member.role, role))
    refuse('FORBIDDEN', `This needs the role ${role} in the organization; yours is ${member.role}.`, ...path);
  return member;
}

export const NO_SUCH_ORGANIZATION = 'You are not a member of an organization with this id.';
