import { EVERYONE, maintainersOf, memberOf, ownersOf, type PrincipalKind } from './principal.js';

/** What somebody may do with an item, after Provena. */
export const ITEM_ROLES = ['METADATA_READ', 'METADATA_WRITE', 'DATA_READ', 'DATA_WRITE', 'ADMIN'] as const;
export type ItemRole = (typeof ITEM_ROLES)[number];

/** What each role has in it; who may write metadata may read it, and so on. */
const INCLUDED: Readonly<Record<ItemRole, readonly ItemRole[]>> = {
  METADATA_READ: ['METADATA_READ'],
  METADATA_WRITE: ['METADATA_READ', 'METADATA_WRITE'],
  DATA_READ: ['METADATA_READ', 'DATA_READ'],
  DATA_WRITE: ['METADATA_READ', 'METADATA_WRITE', 'DATA_READ', 'DATA_WRITE'],
  ADMIN: ITEM_ROLES,
};

export interface Grant {
  readonly kind: PrincipalKind;
  /** Id of the organization, team or user; null for EVERYONE. */
  readonly principalId: string | null;
  readonly roles: readonly ItemRole[];
  /** ISO 8601; left out or null: for good. What has ended is no grant any more and is not read from the database. */
  readonly expiresAt?: string | null;
}

/** Whether a grant lasts at least as long as another, or until then. Null: for good. */
export const lastsUntil = ({ expiresAt }: Pick<Grant, 'expiresAt'>, until: Date | null): boolean =>
  expiresAt == null || (until !== null && Date.parse(expiresAt) >= until.getTime());

/** When the first of them ends; null: none does. */
export function firstEnd(grants: readonly Grant[]): string | null {
  const ends = grants.flatMap(({ expiresAt }) => (expiresAt == null ? [] : Date.parse(expiresAt)));
  return ends.length === 0 ? null : new Date(Math.min(...ends)).toISOString();
}

/** What decides who may do what with an item. */
export interface ItemAccess {
  readonly organizationId: string;
  readonly ownerId: string;
  readonly grants: readonly Grant[];
}

/** What an item begins with: its organization's members read it, and those who maintain the organization's things write it. */
export const defaultGrants = (organizationId: string): Grant[] => [
  { kind: 'ORGANIZATION', principalId: organizationId, roles: ['METADATA_READ', 'DATA_READ'] },
  { kind: 'MAINTAINERS', principalId: organizationId, roles: ['METADATA_WRITE', 'DATA_WRITE'] },
];

/**
 * What is granted once something belongs to another organization: what the old one was granted ends. That of teams ends, too,
 * whosever they are: a team is known here by its id only, and those of the old organization must not stay.
 */
export const grantsAfterMove = (grants: readonly Grant[], from: string, to: string): Grant[] => [
  ...defaultGrants(to),
  ...grants.filter(({ kind, principalId }) => kind !== 'TEAM' && ![from, to].includes(principalId ?? '')),
];

/** The uuid by which a grant is compared with who an actor is. */
export function principalOf({ kind, principalId }: Grant): string {
  if (kind === 'EVERYONE' || principalId === null) return EVERYONE;
  return kind === 'MAINTAINERS' ? maintainersOf(principalId) : principalId.toLowerCase();
}

/** Its owner, as long as he is a member, and the OWNERs of its organization may do everything. */
const adminsOf = ({ organizationId, ownerId }: Omit<ItemAccess, 'grants'>): string[] => [
  ownersOf(organizationId),
  memberOf(organizationId, ownerId),
];

/** Every principal that may read the metadata; what others grant is left out where a wider one has it already. */
export function readersOf(access: ItemAccess): string[] {
  const granted = new Set(access.grants.filter(({ roles }) => roles.length > 0).map(principalOf));
  if (granted.has(EVERYONE)) return [EVERYONE];
  const { organizationId } = access;
  if (!granted.has(organizationId)) return [...granted, ...adminsOf(access)];
  granted.delete(maintainersOf(organizationId));
  return [...granted];
}

/** Every principal that may read the data. */
export const dataReadersOf = (access: ItemAccess): string[] => principalsWith('DATA_READ', access);

/** Every principal that may change the data. */
export const dataWritersOf = (access: ItemAccess): string[] => principalsWith('DATA_WRITE', access);

function principalsWith(wanted: ItemRole, access: ItemAccess): string[] {
  const granted = new Set(
    access.grants
      .filter(({ roles }) => roles.some((role) => INCLUDED[role].includes(wanted)))
      .map(principalOf),
  );
  return granted.has(EVERYONE) ? [EVERYONE] : [...new Set([...granted, ...adminsOf(access)])];
}

/** Every principal that may do everything, and so decides who else may do what. */
export const administratorsOf = (access: ItemAccess): string[] => [
  ...new Set([
    ...adminsOf(access),
    ...access.grants.filter(({ roles }) => roles.includes('ADMIN')).map(principalOf),
  ]),
];

/** What an actor, given as what he is, may do with an item. */
export function rolesOf(principals: readonly string[], access: ItemAccess): ReadonlySet<ItemRole> {
  const mine = new Set(principals);
  if (adminsOf(access).some((one) => mine.has(one))) return new Set(ITEM_ROLES);
  const granted = new Set(
    access.grants
      .filter((grant) => mine.has(principalOf(grant)))
      .flatMap(({ roles }) => roles.flatMap((role) => INCLUDED[role])),
  );
  return new Set(ITEM_ROLES.filter((role) => granted.has(role)));
}
