import type { Organization } from '../domain/organization.js';
import type { PlatformRole, User } from '../domain/user.js';
import type { NewId, Transaction } from './ports.js';

/** A new user with the personal organization that every user has; undefined when the name is taken. */
export async function settleUser(
  tx: Transaction,
  newId: NewId,
  name: string,
  roles: readonly PlatformRole[],
): Promise<{ user: User; organization: Organization } | undefined> {
  const user = await tx.users.insert({ id: newId(), name, roles });
  if (user === undefined) return undefined;
  const organization = await tx.organizations.insert({ id: newId(), name, personalUserId: user.id });
  if (organization === undefined) return undefined;
  await tx.members.insert({ organizationId: organization.id, userId: user.id, role: 'OWNER' });
  return { user, organization };
}
