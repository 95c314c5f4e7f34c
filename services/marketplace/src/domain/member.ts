// Who belongs to an organization, and what must stay true when that changes.
import { userError, type UserError } from '@weft/errors';
import type { Organization } from './organization.js';

/** VIEWER reads, MAINTAINER also makes and publishes services, OWNER also decides who is a member, of it and of its teams. */
export const MEMBER_ROLES = ['VIEWER', 'MAINTAINER', 'OWNER'] as const;
export type MemberRole = (typeof MEMBER_ROLES)[number];

export interface Member {
  readonly organizationId: string;
  readonly userId: string;
  readonly role: MemberRole;
  readonly createdAt: Date;
}

/** Every membership travels in the signed actor of each request, which must fit into one HTTP header. */
export const MAX_MEMBERSHIPS = 100;

export const roleAtLeast = (held: MemberRole, needed: MemberRole): boolean =>
  MEMBER_ROLES.indexOf(held) >= MEMBER_ROLES.indexOf(needed);

export function joinProblems(membershipsOfUser: number, ...path: string[]): UserError[] {
  return membershipsOfUser < MAX_MEMBERSHIPS
    ? []
    : [userError('CONFLICT', `A user is a member of at most ${MAX_MEMBERSHIPS} organizations.`, ...path)];
}

/** What forbids that this member gets another role, or (`undefined`) leaves. */
export function memberChangeProblems(
  organization: Organization,
  member: Member,
  role: MemberRole | undefined,
  owners: number,
  ...path: string[]
): UserError[] {
  if (member.role !== 'OWNER' || role === 'OWNER') return [];
  if (organization.personalUserId === member.userId) {
    return [userError('CONFLICT', 'A personal organization always keeps its user as an owner.', ...path)];
  }
  return owners > 1
    ? []
    : [
        userError(
          'CONFLICT',
          'An organization keeps at least one owner: make somebody else an owner first.',
          ...path,
        ),
      ];
}
