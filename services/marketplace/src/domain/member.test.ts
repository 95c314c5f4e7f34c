import { describe, expect, it } from 'vitest';
import {
  joinProblems,
  MAX_MEMBERSHIPS,
  memberChangeProblems,
  MEMBER_ROLES,
  roleAtLeast,
  type Member,
} from './member.js';
import type { Organization } from './organization.js';

const organization: Organization = { id: 'o', name: 'o', personalUserId: null, createdAt: new Date(0) };
const member = (role: Member['role'], userId = 'u'): Member => ({
  organizationId: 'o',
  userId,
  role,
  createdAt: new Date(0),
});

describe('roles', () => {
  it('include those before them', () => {
    const table = MEMBER_ROLES.map((held) => MEMBER_ROLES.map((needed) => roleAtLeast(held, needed)));
    expect(table).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
  });
});

describe('a change of a member', () => {
  it('is refused exactly when it would take the last owner', () => {
    for (const held of MEMBER_ROLES) {
      for (const wanted of [...MEMBER_ROLES, undefined]) {
        for (const owners of [1, 2]) {
          const refused = memberChangeProblems(organization, member(held), wanted, owners).length > 0;
          expect([held, wanted, owners, refused]).toEqual([
            held,
            wanted,
            owners,
            held === 'OWNER' && wanted !== 'OWNER' && owners === 1,
          ]);
        }
      }
    }
  });

  it('never takes a personal organization from its user, however many own it', () => {
    const personal = { ...organization, personalUserId: 'u' };
    expect(memberChangeProblems(personal, member('OWNER'), undefined, 5)).toMatchObject([
      { code: 'CONFLICT' },
    ]);
    expect(memberChangeProblems(personal, member('OWNER'), 'VIEWER', 5)).toMatchObject([
      { code: 'CONFLICT' },
    ]);
    expect(memberChangeProblems(personal, member('OWNER', 'other'), undefined, 2)).toEqual([]);
  });
});

describe('joining', () => {
  it('ends at the number of memberships that fits into a signed actor', () => {
    expect(joinProblems(MAX_MEMBERSHIPS - 1)).toEqual([]);
    expect(joinProblems(MAX_MEMBERSHIPS, 'input')).toMatchObject([{ code: 'CONFLICT', path: ['input'] }]);
  });
});
