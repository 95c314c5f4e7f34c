// A part of an organization's members under one name, so that rights can be granted to all of them at once.
import { userError, type UserError } from '@weft/errors';
import { descriptionProblems, nameProblems } from './text-rules.js';

export interface Team {
  readonly id: string;
  readonly organizationId: string;
  /** Unique in its organization, whatever the case. */
  readonly name: string;
  readonly description: string;
  readonly createdAt: Date;
}

/** A member of the organization who is in the team. Ends with the membership. */
export interface TeamMember {
  readonly teamId: string;
  readonly organizationId: string;
  readonly userId: string;
  readonly createdAt: Date;
}

/**
 * Who is in a team decides what they may do, as membership does, so it is for owners alike: a MAINTAINER who could
 * join any team would have what is granted to any of them.
 */
export const TEAM_KEEPER = 'OWNER';

export const MAX_TEAM_NAME_LENGTH = 100;
export const MAX_TEAMS = 1_000;
export const MAX_TEAM_MEMBERS = 1_000;
/** Every team of a user travels in the signed actor of each request, beside the memberships, within one HTTP header. */
export const MAX_TEAMS_OF_USER = 100;

export const teamProblems = ({ name, description }: Pick<Team, 'name' | 'description'>): UserError[] => [
  ...nameProblems(name, MAX_TEAM_NAME_LENGTH, 'input', 'name'),
  ...descriptionProblems(description, 'input', 'description'),
];

/** What forbids one more team in an organization that has so many. */
export const moreTeamsProblems = (teams: number, ...path: string[]): UserError[] =>
  teams < MAX_TEAMS
    ? []
    : [
        userError(
          'CONFLICT',
          `An organization has at most ${MAX_TEAMS} teams: delete one that is not needed any more.`,
          ...path,
        ),
      ];

/** What forbids that a user comes into a team of so many, being in so many teams already. */
export const joinTeamProblems = (members: number, teamsOfUser: number, ...path: string[]): UserError[] => [
  ...(members < MAX_TEAM_MEMBERS
    ? []
    : [userError('CONFLICT', `A team has at most ${MAX_TEAM_MEMBERS} members: make another team.`, ...path)]),
  ...(teamsOfUser < MAX_TEAMS_OF_USER
    ? []
    : [
        userError(
          'CONFLICT',
          `A user is in at most ${MAX_TEAMS_OF_USER} teams, over all organizations: this one has to leave another first.`,
          ...path,
        ),
      ]),
];
