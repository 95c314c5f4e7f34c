import { refuse } from '@weft/errors';
import { hasRole, hasScope, type Actor } from '@weft/identity';
import { rolesOf, type ItemRole } from '../domain/access.js';
import type { RegisteredItem } from '../domain/item.js';
import { principalsOf } from '../domain/principal.js';
import type { Caller, ItemWork } from './item-ports.js';

/** A user whose token may write, as the principals that he is. */
export interface Writer {
  readonly userId: string;
  readonly actor: Actor;
  readonly principals: readonly string[];
}

export function writerOf({ actor }: Caller): Writer {
  if (actor.kind !== 'user') refuse('FORBIDDEN', 'Only a user can do this.');
  if (!hasScope(actor, 'write')) refuse('FORBIDDEN', 'This needs a token with the scope "write".');
  return { userId: actor.id, actor, principals: principalsOf(actor) };
}

/** The organization that is to own something: the one that is named, or the user's own. */
export function ownerOrganization(
  { actor }: Writer,
  named: string | null | undefined,
  ...path: string[]
): string {
  const organizationId = named ?? actor.personalOrganizationId;
  if (organizationId === undefined)
    refuse('BAD_USER_INPUT', 'Name the organization that will own it.', ...path);
  if (!actor.organizations.some(({ id }) => id === organizationId))
    refuse('NOT_FOUND', 'You are not a member of an organization with this id.', ...path);
  if (!hasRole(actor, organizationId, 'MAINTAINER'))
    refuse('FORBIDDEN', 'This needs the role MAINTAINER in the organization.', ...path);
  return organizationId;
}

/** What the writer must be allowed, in the words of the item's roles. */
export function requireRole(
  item: RegisteredItem,
  { principals }: Writer,
  role: ItemRole,
  ...path: string[]
): void {
  if (rolesOf(principals, item).has(role)) return;
  refuse('FORBIDDEN', `This needs the role ${role} on the item. Ask for it with requestItemAccess.`, ...path);
}

export const NO_SUCH_ITEM = 'No item with this id or pid exists that you may see.';

/** The item, locked, for a writer with this role on it. */
export async function lockedFor(
  tx: ItemWork,
  writer: Writer,
  reference: string,
  role: ItemRole,
  ...path: string[]
): Promise<RegisteredItem> {
  const item = await tx.lock(reference, writer.principals);
  if (item === undefined) refuse('NOT_FOUND', NO_SUCH_ITEM, ...path);
  requireRole(item, writer, role, ...path);
  return item;
}

/** What a Create or Version workflow wrote has no rights or life of its own: it goes with the item that it tells of. */
export function requireOwnLife({ subtype }: RegisteredItem, ...path: string[]): void {
  if (subtype === 'CREATE' || subtype === 'VERSION')
    refuse(
      'ITEM_READ_ONLY',
      `A ${subtype} activity is read-only: its rights follow the item that it made. Change those of that item.`,
      ...path,
    );
}

/** Nobody changes what was withdrawn. */
export function requireStanding(item: RegisteredItem, ...path: string[]): void {
  if (item.withdrawn !== null)
    refuse(
      'ITEM_WITHDRAWN',
      `The item was withdrawn (${item.withdrawn.reason}); it stays as it is.`,
      ...path,
    );
}

export function requireUnlocked(item: RegisteredItem, ...path: string[]): void {
  requireStanding(item, ...path);
  if (item.locked)
    refuse('ITEM_LOCKED', 'The item is locked. Who administers it may unlock it, with a reason.', ...path);
}
