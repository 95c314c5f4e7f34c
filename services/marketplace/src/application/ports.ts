// What the use cases need of the world. Persistence and messaging implement it; context.ts brings them together.
import type { Page, PageRequest } from '@weft/database';
import type { UserError } from '@weft/errors';
import type { Actor } from '@weft/identity';
import type { Member, MemberRole } from '../domain/member.js';
import type { Organization } from '../domain/organization.js';
import type { PersonalToken } from '../domain/personal-token.js';
import type { Service } from '../domain/service.js';
import type { ServiceVersion } from '../domain/service-version.js';
import type { ServiceVersionState } from '../domain/service-version-lifecycle.js';
import type { Team, TeamMember } from '../domain/team.js';
import type { PlatformRole, User } from '../domain/user.js';

/** Who asks, and under which correlation id. */
export interface Caller {
  readonly actor: Actor;
  readonly correlationId: string;
}

export type NewId = () => string;

/** Makes and recognises the secrets of personal tokens. */
export interface TokenSecrets {
  mint(): { readonly secret: string; readonly hash: string };
  hash(secret: string): string;
}

/** The stores of one open transaction. `insert` answers undefined when a unique name or key is taken. */
export interface Transaction {
  readonly users: Users;
  readonly organizations: Organizations;
  readonly members: Members;
  readonly teams: Teams;
  readonly teamMembers: TeamMembers;
  readonly tokens: PersonalTokens;
  readonly services: Services;
  readonly versions: ServiceVersions;
  /** The time of the database, which is the platform's clock. */
  now(): Promise<Date>;
  /** Tells the other services of a version's new state, together with the rows of this transaction. */
  announce(service: Service, version: ServiceVersion, correlationId: string): Promise<void>;
  /** Holds all others that ensure the first user until this transaction ends. */
  holdFirstUser(): Promise<void>;
}

/** One transaction: committed when `work` resolves, rolled back when it rejects, repeated when it met a deadlock. */
export type Transact = <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>;

export interface Users {
  insert(user: Pick<User, 'id' | 'name' | 'roles'>): Promise<User | undefined>;
  byName(name: string): Promise<User | undefined>;
  /** The user, locked: changes of what the user is a member of come one after the other. */
  lock(id: string): Promise<User | undefined>;
  setRoles(id: string, roles: readonly PlatformRole[]): Promise<void>;
}

export interface Organizations {
  insert(
    organization: Pick<Organization, 'id' | 'name' | 'personalUserId'>,
  ): Promise<Organization | undefined>;
  /** The organization, locked: changes of its members come one after the other. */
  lock(id: string): Promise<Organization | undefined>;
  personalOf(userId: string): Promise<Organization | undefined>;
}

export interface Members {
  insert(member: Pick<Member, 'organizationId' | 'userId' | 'role'>): Promise<Member | undefined>;
  find(organizationId: string, userId: string): Promise<Member | undefined>;
  /** The membership, which cannot end before this transaction does. */
  hold(organizationId: string, userId: string): Promise<Member | undefined>;
  setRole(member: Member, role: MemberRole): Promise<Member>;
  /** The user leaves the organization's teams with it. */
  remove(member: Member): Promise<void>;
  countOwners(organizationId: string): Promise<number>;
  countMemberships(userId: string): Promise<number>;
}

/** Locks are taken in the order team, user, organization, membership. */
export interface Teams {
  insert(team: Omit<Team, 'createdAt'>): Promise<Team | undefined>;
  /** The team, locked: changes of it and of who is in it come one after the other. */
  lock(id: string): Promise<Team | undefined>;
  /** Undefined: its name is taken by another. Exact only with the organization locked. */
  save(team: Team): Promise<Team | undefined>;
  /** Ends the memberships in it, too. */
  remove(id: string): Promise<void>;
  countIn(organizationId: string): Promise<number>;
}

export interface TeamMembers {
  insert(member: Omit<TeamMember, 'createdAt'>): Promise<TeamMember | undefined>;
  find(teamId: string, userId: string): Promise<TeamMember | undefined>;
  remove(teamId: string, userId: string): Promise<void>;
  countIn(teamId: string): Promise<number>;
  /** In how many teams the user is, over all organizations. */
  countOf(userId: string): Promise<number>;
}

export interface PersonalTokens {
  insert(
    token: Pick<PersonalToken, 'id' | 'userId' | 'name' | 'hash' | 'scopes' | 'expiresAt'>,
  ): Promise<PersonalToken | undefined>;
  /** The user's token, whatever its state. */
  find(id: string, userId: string): Promise<PersonalToken | undefined>;
  byHash(hash: string): Promise<PersonalToken | undefined>;
  revoke(id: string): Promise<PersonalToken>;
}

export interface Services {
  insert(
    service: Pick<Service, 'id' | 'organizationId' | 'name' | 'description' | 'createdBy'>,
  ): Promise<Service | undefined>;
  find(id: string): Promise<Service | undefined>;
  /** Its versions are added one after the other, until this transaction ends. */
  hold(id: string): Promise<void>;
}

export interface ServiceVersions {
  insert(version: Omit<ServiceVersion, 'createdAt' | 'publishedAt'>): Promise<ServiceVersion | undefined>;
  lock(id: string): Promise<ServiceVersion | undefined>;
  savePublished(version: ServiceVersion): Promise<ServiceVersion>;
}

/** What the gateway learns about a token: who is behind it and what that user may do. */
export interface TokenActor {
  readonly hash: string;
  readonly tokenId: string;
  readonly userId: string;
  readonly personalOrganizationId: string;
  readonly organizations: readonly { readonly id: string; readonly role: MemberRole }[];
  /** Ids of all teams of the user, sorted. */
  readonly teams: readonly string[];
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly expiresAt: Date | null;
  /** The recorded last use is older than its precision. */
  readonly lastUseIsOld: boolean;
}

export interface TokenLookup {
  /** The actors of the valid tokens among these, in one statement. */
  actors(hashes: readonly string[]): Promise<TokenActor[]>;
  /** Records that these tokens were just used. */
  touch(tokenIds: readonly string[]): Promise<void>;
}

export interface ServiceFilter {
  readonly organizationId?: string;
  /** Occurs in the name or the description, whatever the case. */
  readonly text?: string;
  /** Has a version in this state that the viewer may see. */
  readonly lifecycle?: ServiceVersionState;
}

/**
 * Reads for a viewer. What the viewer may not see is left out by the query itself, so pages are full and batches
 * simply lack it: members see what their organization has, everybody sees published versions and their services.
 */
export interface ReadStore {
  /** Members of a common organization. */
  users(viewerId: string, ids: readonly string[]): Promise<User[]>;
  personalOrganization(userId: string): Promise<Organization | undefined>;
  organizationsById(viewerId: string, ids: readonly string[]): Promise<Organization[]>;
  organizations(viewerId: string, page: PageRequest): Promise<Page<Organization>>;
  /** The viewer's own memberships in these organizations. */
  membershipsOf(viewerId: string, organizationIds: readonly string[]): Promise<Member[]>;
  members(viewerId: string, organizationId: string, page: PageRequest): Promise<Page<Member>>;
  /** Teams are seen by the members of their organization. */
  teamsById(viewerId: string, ids: readonly string[]): Promise<Team[]>;
  teams(viewerId: string, organizationId: string, page: PageRequest): Promise<Page<Team>>;
  /** The teams of a user in the organizations of the viewer. */
  teamsOfUser(viewerId: string, userId: string, page: PageRequest): Promise<Page<Team>>;
  teamMembers(viewerId: string, teamId: string, page: PageRequest): Promise<Page<TeamMember>>;
  services(viewerId: string, filter: ServiceFilter, page: PageRequest): Promise<Page<Service>>;
  servicesById(viewerId: string, ids: readonly string[]): Promise<Service[]>;
  serviceByName(viewerId: string, organizationId: string, name: string): Promise<Service | undefined>;
  /** Who offers a service is told to everybody who sees the service. */
  organizationNames(ids: readonly string[]): Promise<Pick<Organization, 'id' | 'name'>[]>;
  versions(viewerId: string, serviceId: string, page: PageRequest): Promise<Page<ServiceVersion>>;
  versionsById(viewerId: string, ids: readonly string[]): Promise<ServiceVersion[]>;
  /** The newest version of each service that the viewer may see. */
  latestVersions(viewerId: string, serviceIds: readonly string[]): Promise<ServiceVersion[]>;
  tokens(userId: string, page: PageRequest): Promise<Page<PersonalToken>>;
}

/** What is wrong with a JSON Schema that this user gives. */
export type SchemaProblems = (
  userId: string,
  schema: unknown,
  ...path: string[]
) => Promise<readonly UserError[]>;
