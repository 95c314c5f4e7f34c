// What an organization offers to run. A service is a name; what runs is one of its versions.
import { userError, type UserError } from '@weft/errors';
import { descriptionProblems } from './text-rules.js';

export interface Service {
  readonly id: string;
  readonly organizationId: string;
  /** Unique in its organization; part of addresses, so it is a slug. */
  readonly name: string;
  readonly description: string;
  readonly createdBy: string;
  readonly createdAt: Date;
}

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

export const newServiceProblems = (wish: {
  readonly name: string;
  readonly description: string;
}): UserError[] => [
  ...(SLUG.test(wish.name)
    ? []
    : [
        userError(
          'BAD_USER_INPUT',
          'The name of a service has 1 to 64 lower-case letters, digits and inner hyphens, for example "qubo-solver".',
          'input',
          'name',
        ),
      ]),
  ...descriptionProblems(wish.description, 'input', 'description'),
];
