/**
 * Who may be given rights, as one uuid each, so that a row can list its readers and a query compares two lists of uuids.
 * Members come as who they are in an organization: a right given to it ends with the membership.
 * Events tell readers in these words (`data-pool-changed`), so that every service knows them by itself.
 */
export const PRINCIPAL_KINDS = ['EVERYONE', 'ORGANIZATION', 'MAINTAINERS', 'TEAM', 'USER'] as const;
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

/** Whoever is signed in. */
export const EVERYONE = '00000000-0000-0000-0000-000000000001';

/** The uuid of a group that has none of its own is that of its organization with another version digit; ids are never made so. */
const VERSION_DIGIT = 14;
const marked = (id: string, digit: 'a' | 'b' | 'c'): string =>
  `${id.slice(0, VERSION_DIGIT)}${digit}${id.slice(VERSION_DIGIT + 1)}`;

/** Members of an organization with the role MAINTAINER or OWNER. */
export const maintainersOf = (organizationId: string): string => marked(organizationId.toLowerCase(), 'a');

/** Members of an organization with the role OWNER. */
export const ownersOf = (organizationId: string): string => marked(organizationId.toLowerCase(), 'b');

/** One user as long as he is a member of the organization: what he owns there is not his when he has left. */
export function memberOf(organizationId: string, userId: string): string {
  const [one, other] = [organizationId, userId].map((id) => BigInt(`0x${id.replaceAll('-', '')}`));
  const mixed = ((one as bigint) ^ (other as bigint)).toString(16).padStart(32, '0');
  const uuid = [8, 12, 16, 20, 32].map((end, at, ends) => mixed.slice(at === 0 ? 0 : ends[at - 1], end));
  return marked(uuid.join('-'), 'c');
}

/** What is known of an actor where rights are looked at. */
export interface Member {
  readonly id: string;
  readonly organizations: readonly {
    readonly id: string;
    readonly role: 'VIEWER' | 'MAINTAINER' | 'OWNER';
  }[];
  readonly teams: readonly string[];
}

/** Everything that a right may be given to and that the actor is. */
export function principalsOf({ id, organizations, teams }: Member): string[] {
  return [
    EVERYONE,
    id,
    ...teams,
    ...organizations.flatMap((one) => [
      one.id,
      memberOf(one.id, id),
      ...(one.role === 'VIEWER' ? [] : [maintainersOf(one.id)]),
      ...(one.role === 'OWNER' ? [ownersOf(one.id)] : []),
    ]),
  ];
}
