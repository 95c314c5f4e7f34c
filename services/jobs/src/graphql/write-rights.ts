// What a mutation asks of its caller before anything else.
import { userError, type Outcome, type UserError } from '@weft/errors';
import { hasRole, hasScope, type Actor } from '@weft/identity';

export const noScope: Outcome<never> = {
  ok: false,
  errors: [userError('FORBIDDEN', 'The token lacks the scope "write".')],
};
export const noOrganization: UserError = userError(
  'BAD_USER_INPUT',
  'Name the organization that will own the job.',
  'input',
  'organizationId',
);

export function mayWrite(actor: Actor, organizationId: string | undefined): UserError | undefined {
  if (!hasScope(actor, 'write')) return userError('FORBIDDEN', 'The token lacks the scope "write".');
  if (organizationId === undefined) return noOrganization;
  if (!hasRole(actor, organizationId, 'MAINTAINER')) {
    return userError(
      'FORBIDDEN',
      'Submitting jobs needs the role MAINTAINER in the organization.',
      'input',
      'organizationId',
    );
  }
  return undefined;
}
