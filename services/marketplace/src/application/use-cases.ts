// Everything that can be done here, by name.
import { addMember } from './add-member.js';
import { addTeamMember } from './add-team-member.js';
import { addServiceVersion } from './add-service-version.js';
import { createOrganization } from './create-organization.js';
import { createPersonalToken } from './create-personal-token.js';
import { createService } from './create-service.js';
import { createTeam } from './create-team.js';
import { createUser } from './create-user.js';
import { deleteTeam } from './delete-team.js';
import { findTokenActors } from './find-token-actors.js';
import { issueToken } from './issue-token.js';
import type { NewId, SchemaProblems, TokenLookup, TokenSecrets, Transact } from './ports.js';
import { publishServiceVersion } from './publish-service-version.js';
import { removeMember } from './remove-member.js';
import { removeTeamMember } from './remove-team-member.js';
import { revokePersonalToken } from './revoke-personal-token.js';
import type { TokenUse } from './token-use.js';
import { updateMemberRole } from './update-member-role.js';
import { updateTeam } from './update-team.js';

export interface UseCaseNeeds {
  readonly transact: Transact;
  readonly newId: NewId;
  readonly secrets: TokenSecrets;
  readonly tokenLookup: TokenLookup;
  readonly tokenUse: TokenUse;
  readonly schemaProblems: SchemaProblems;
}

export type UseCases = ReturnType<typeof createUseCases>;

export function createUseCases({
  transact,
  newId,
  secrets,
  tokenLookup,
  tokenUse,
  schemaProblems,
}: UseCaseNeeds) {
  const issue = issueToken(newId, secrets);
  return {
    createOrganization: createOrganization(transact, newId),
    addMember: addMember(transact),
    updateMemberRole: updateMemberRole(transact),
    removeMember: removeMember(transact),
    createTeam: createTeam(transact, newId),
    updateTeam: updateTeam(transact),
    deleteTeam: deleteTeam(transact),
    addTeamMember: addTeamMember(transact),
    removeTeamMember: removeTeamMember(transact),
    createUser: createUser(transact, newId, issue),
    createPersonalToken: createPersonalToken(transact, issue),
    revokePersonalToken: revokePersonalToken(transact),
    createService: createService(transact, newId),
    addServiceVersion: addServiceVersion(transact, newId, schemaProblems),
    publishServiceVersion: publishServiceVersion(transact),
    findTokenActors: findTokenActors(tokenLookup, tokenUse),
  };
}
