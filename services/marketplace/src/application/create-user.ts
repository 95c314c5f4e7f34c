import type { Outcome } from '@weft/errors';
import type { Organization } from '../domain/organization.js';
import { TOKEN_SCOPES, type TokenWish } from '../domain/personal-token.js';
import { displayNameProblems } from '../domain/text-rules.js';
import type { User } from '../domain/user.js';
import type { IssuedToken, IssueToken } from './issue-token.js';
import type { Caller, NewId, Transact } from './ports.js';
import { inOneTransaction, refuse, refuseFor } from './refusal.js';
import { requireOperator } from './rights.js';
import { settleUser } from './settle-user.js';

export interface CreateUserInput {
  readonly name: string;
  /** A first token, for the operator to hand over. */
  readonly token: TokenWish | undefined;
}

export interface CreatedUser {
  readonly user: User;
  readonly personalOrganization: Organization;
  readonly issued: IssuedToken | undefined;
}

/** An operator lets somebody in: a user without platform roles, with a personal organization. */
export const createUser =
  (transact: Transact, newId: NewId, issue: IssueToken) =>
  (caller: Caller, input: CreateUserInput): Promise<Outcome<CreatedUser>> =>
    inOneTransaction(transact, async (tx) => {
      requireOperator(caller);
      refuseFor(displayNameProblems(input.name, 'input', 'name'));
      const settled = await settleUser(tx, newId, input.name, []);
      if (settled === undefined)
        refuse('CONFLICT', 'A user or organization has this name already.', 'input', 'name');
      const { user, organization: personalOrganization } = settled;
      const grant = { scopes: TOKEN_SCOPES, until: null };
      const issued = input.token && (await issue(tx, user.id, input.token, grant, 'input', 'token'));
      return { user, personalOrganization, issued };
    });
