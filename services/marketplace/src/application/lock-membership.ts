import { isId } from '../domain/id.js';
import type { Member } from '../domain/member.js';
import type { Organization } from '../domain/organization.js';
import type { Transaction } from './ports.js';
import { refuse } from './refusal.js';
import { NO_SUCH_ORGANIZATION, requireRole } from './rights.js';

/** The membership that is to be changed. Members may leave by themselves; everything else is for owners. */
export async function lockMembership(
  tx: Transaction,
  callerId: string,
  input: { readonly organizationId: string; readonly userId: string },
  leaving: boolean,
): Promise<{ organization: Organization; member: Member; owners: number }> {
  const at = ['input', 'organizationId'];
  const organization = isId(input.organizationId)
    ? await tx.organizations.lock(input.organizationId)
    : undefined;
  if (organization === undefined) refuse('NOT_FOUND', NO_SUCH_ORGANIZATION, ...at);
  // Under the lock: of two owners who remove each other at once, the second is no owner any more.
  const needed = leaving && input.userId === callerId ? 'VIEWER' : 'OWNER';
  await requireRole(tx, callerId, organization.id, needed, NO_SUCH_ORGANIZATION, ...at);
  const member = isId(input.userId) ? await tx.members.find(organization.id, input.userId) : undefined;
  if (member === undefined)
    refuse('NOT_FOUND', 'This user is not a member of the organization.', 'input', 'userId');
  return { organization, member, owners: await tx.members.countOwners(organization.id) };
}
