import { payload } from '@weft/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { MarketplaceContext } from './marketplace-context.js';
import {
  AddTeamMemberInput,
  CreateTeamInput,
  DeleteTeamInput,
  RemoveTeamMemberInput,
  TeamMemberPayload,
  TeamPayload,
  UpdateTeamInput,
} from './team.input.js';

@Resolver()
export class TeamMutations {
  @Mutation(() => TeamPayload, {
    description:
      'Makes a team of an organization, at first without members. Needs the role OWNER. At most 1000 teams an organization; CONFLICT beyond, and for a name that another team of it has.',
  })
  createTeam(
    @Arg('input', () => CreateTeamInput, { description: 'The new team.' }) input: CreateTeamInput,
    @Ctx() context: MarketplaceContext,
  ): Promise<object> {
    return payload(context.useCases.createTeam(context, input), (team) => ({ team }));
  }

  @Mutation(() => TeamPayload, {
    description:
      'Changes name or description of a team. Needs the role OWNER. CONFLICT for a name that another team of the organization has. May be repeated.',
  })
  updateTeam(
    @Arg('input', () => UpdateTeamInput, { description: 'Which team, and what of it.' })
    input: UpdateTeamInput,
    @Ctx() context: MarketplaceContext,
  ): Promise<object> {
    return payload(context.useCases.updateTeam(context, input), (team) => ({ team }));
  }

  @Mutation(() => TeamPayload, {
    description:
      'Deletes a team; what was granted to it is granted to nobody any more, within 5 s everywhere. Needs the role OWNER. NOT_FOUND when it is gone already.',
  })
  deleteTeam(
    @Arg('input', () => DeleteTeamInput, { description: 'Which team.' }) input: DeleteTeamInput,
    @Ctx() context: MarketplaceContext,
  ): Promise<object> {
    return payload(context.useCases.deleteTeam(context, input), (team) => ({ team }));
  }

  @Mutation(() => TeamMemberPayload, {
    description:
      'Puts a member of the organization into one of its teams. Needs the role OWNER. At most 1000 members a team and 100 teams a user, over all organizations; CONFLICT beyond. May be repeated.',
  })
  addTeamMember(
    @Arg('input', () => AddTeamMemberInput, { description: 'Who, and which team.' })
    input: AddTeamMemberInput,
    @Ctx() context: MarketplaceContext,
  ): Promise<object> {
    return payload(context.useCases.addTeamMember(context, input), (teamMember) => ({ teamMember }));
  }

  @Mutation(() => TeamPayload, {
    description:
      'Takes a user out of a team; what is granted to the team counts for them no more, within 5 s everywhere. Needs the role OWNER, except for leaving. May be repeated: who is not in the team stays out.',
  })
  removeTeamMember(
    @Arg('input', () => RemoveTeamMemberInput, { description: 'Who, and which team.' })
    input: RemoveTeamMemberInput,
    @Ctx() context: MarketplaceContext,
  ): Promise<object> {
    return payload(context.useCases.removeTeamMember(context, input), (team) => ({ team }));
  }
}
