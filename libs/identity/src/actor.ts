/** Who acts: the subject of the short-lived JWT that the gateway signs and every subgraph requires (DESIGN §7-8). */
export const MEMBER_ROLES = ['VIEWER', 'MAINTAINER', 'OWNER'] as const;
export type MemberRole = (typeof MEMBER_ROLES)[number];

export interface Membership {
  readonly id: string;
  readonly role: MemberRole;
}

export const ACTOR_KINDS = ['user', 'gateway', 'service'] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];

export interface Actor {
  /** `user` for people and their programs; `gateway` and `service` for the platform's own parts. */
  readonly kind: ActorKind;
  /** The user's id, or the name of the platform's part. */
  readonly id: string;
  /** The organizations that the actor is a member of. Everything read or written is scoped to them. */
  readonly organizations: readonly Membership[];
  /**
   * Ids of all teams of the user, sorted; none in a token of a gateway that does not know teams. What is granted to a
   * team is granted to whoever names it here, so a grant to a team that is gone matches nobody.
   */
  readonly teams: readonly string[];
  /** The user's own organization, where things land when none is named. */
  readonly personalOrganizationId: string | undefined;
  /** Scopes of the token: `read`, `write`, `admin`. */
  readonly scopes: readonly string[];
  /** Platform roles, such as `operator`. */
  readonly roles: readonly string[];
  /** The personal token behind this actor, for revocation. */
  readonly tokenId: string | undefined;
}

const rank: Record<MemberRole, number> = { VIEWER: 0, MAINTAINER: 1, OWNER: 2 };

/** Whether the actor has at least this role in the organization. */
export function hasRole(actor: Actor, organizationId: string, role: MemberRole): boolean {
  const membership = actor.organizations.find((one) => one.id === organizationId);
  return membership !== undefined && rank[membership.role] >= rank[role];
}

/** The ids of the organizations in which the actor has at least this role: the argument of every scoped query. */
export const organizationIds = (actor: Actor, role: MemberRole = 'VIEWER'): string[] =>
  actor.organizations.filter((one) => rank[one.role] >= rank[role]).map((one) => one.id);

export const hasScope = (actor: Actor, scope: string): boolean =>
  actor.scopes.includes(scope) ||
  actor.scopes.includes('admin') ||
  (scope === 'read' && actor.scopes.includes('write'));
