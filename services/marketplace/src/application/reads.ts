import type { Page, PageRequest } from '@weft/database';
import { AppError } from '@weft/errors';
import { hasScope } from '@weft/identity';
import { isId, NOBODY } from '../domain/id.js';
import type { Member } from '../domain/member.js';
import type { Organization } from '../domain/organization.js';
import type { PersonalToken } from '../domain/personal-token.js';
import type { Service } from '../domain/service.js';
import type { ServiceVersion } from '../domain/service-version.js';
import { isStorable } from '../domain/text-rules.js';
import type { Team, TeamMember } from '../domain/team.js';
import type { User } from '../domain/user.js';
import type { Caller, ReadStore, ServiceFilter } from './ports.js';

const NOTHING = { rows: [], hasNextPage: false } as const;

/** What one caller may read. Everything needs the scope `read`; what is not visible is absent, not forbidden. */
export class Reads {
  constructor(
    private readonly store: ReadStore,
    private readonly caller: Caller,
  ) {}

  /** The id of the user who asks; a part of the platform is nobody, and sees what everybody sees. */
  get viewerId(): string {
    const { actor } = this.caller;
    if (!hasScope(actor, 'read'))
      throw new AppError('FORBIDDEN', 'This needs a token with the scope "read".');
    return actor.kind === 'user' && isId(actor.id) ? actor.id : NOBODY;
  }

  users(ids: readonly string[]): Promise<User[]> {
    return this.store.users(this.viewerId, ids.filter(isId));
  }

  personalOrganization(): Promise<Organization | undefined> {
    return this.store.personalOrganization(this.viewerId);
  }

  organizationsById(ids: readonly string[]): Promise<Organization[]> {
    return this.store.organizationsById(this.viewerId, ids.filter(isId));
  }

  organizations(page: PageRequest): Promise<Page<Organization>> {
    return this.store.organizations(this.viewerId, byId(page));
  }

  memberships(organizationIds: readonly string[]): Promise<Member[]> {
    return this.store.membershipsOf(this.viewerId, organizationIds.filter(isId));
  }

  members(organizationId: string, page: PageRequest): Promise<Page<Member>> {
    return this.store.members(this.viewerId, organizationId, byId(page));
  }

  teamsById(ids: readonly string[]): Promise<Team[]> {
    return this.store.teamsById(this.viewerId, ids.filter(isId));
  }

  teams(organizationId: string, page: PageRequest): Promise<Page<Team>> {
    return this.store.teams(this.viewerId, organizationId, byId(page));
  }

  teamsOfUser(userId: string, page: PageRequest): Promise<Page<Team>> {
    return this.store.teamsOfUser(this.viewerId, userId, byId(page));
  }

  teamMembers(teamId: string, page: PageRequest): Promise<Page<TeamMember>> {
    return this.store.teamMembers(this.viewerId, teamId, byId(page));
  }

  async services(filter: ServiceFilter, page: PageRequest): Promise<Page<Service>> {
    const { organizationId, text } = filter;
    if (organizationId !== undefined && !isId(organizationId)) return NOTHING;
    if (text !== undefined && !isStorable(text)) return NOTHING;
    return this.store.services(this.viewerId, filter, byId(page));
  }

  servicesById(ids: readonly string[]): Promise<Service[]> {
    return this.store.servicesById(this.viewerId, ids.filter(isId));
  }

  async serviceByName(organizationId: string, name: string): Promise<Service | undefined> {
    if (!isId(organizationId) || !isStorable(name)) return undefined;
    return this.store.serviceByName(this.viewerId, organizationId, name);
  }

  organizationNames(ids: readonly string[]): Promise<Pick<Organization, 'id' | 'name'>[]> {
    return this.store.organizationNames(ids);
  }

  versions(serviceId: string, page: PageRequest): Promise<Page<ServiceVersion>> {
    return this.store.versions(this.viewerId, serviceId, byId(page));
  }

  versionsById(ids: readonly string[]): Promise<ServiceVersion[]> {
    return this.store.versionsById(this.viewerId, ids.filter(isId));
  }

  latestVersions(serviceIds: readonly string[]): Promise<ServiceVersion[]> {
    return this.store.latestVersions(this.viewerId, serviceIds);
  }

  tokens(page: PageRequest): Promise<Page<PersonalToken>> {
    return this.store.tokens(this.viewerId, byId(page));
  }
}

/** Every list here is sorted by one id, which is what its cursors hold. */
function byId(page: PageRequest): PageRequest {
  const key = page.after;
  if (key === undefined || (key.length === 1 && typeof key[0] === 'string' && isId(key[0]))) return page;
  throw new AppError('BAD_USER_INPUT', 'The cursor is not one that this list gave.', { argument: 'after' });
}
