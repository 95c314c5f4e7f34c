import { MutationPayload } from '@weft/subgraph';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { TeamMemberType, TeamType } from './team.type.js';

@InputType({ description: 'A new team.' })
export class CreateTeamInput {
  @Field(() => ID, { description: 'Id of the organization.' })
  organizationId!: string;

  @Field(() => String, {
    description: 'Name, unique in the organization whatever the case: 1 to 100 characters.',
  })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description: 'What it is for, for people: at most 4000 characters; empty when absent.',
  })
  description?: string | null;
}

@InputType({ description: 'What becomes different about a team.' })
export class UpdateTeamInput {
  @Field(() => ID, { description: 'Id of the team.' })
  id!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'New name, unique in the organization whatever the case: 1 to 100 characters; absent or null: as it was.',
  })
  name?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'New description: at most 4000 characters; absent or null: as it was.',
  })
  description?: string | null;
}

@InputType({ description: 'The team to delete.' })
export class DeleteTeamInput {
  @Field(() => ID, { description: 'Id of the team.' })
  id!: string;
}

@InputType({ description: 'Who comes into which team.' })
export class AddTeamMemberInput {
  @Field(() => ID, { description: 'Id of the team.' })
  teamId!: string;

  @Field(() => ID, { description: "Id of the user, a member of the team's organization." })
  userId!: string;
}

@InputType({ description: 'Who leaves which team.' })
export class RemoveTeamMemberInput {
  @Field(() => ID, { description: 'Id of the team.' })
  teamId!: string;

  @Field(() => ID, { description: 'Id of the user.' })
  userId!: string;
}

@ObjectType({ description: 'The team after the change, or why there was none.' })
export class TeamPayload extends MutationPayload {
  @Field(() => TeamType, { nullable: true, description: 'The team; one that was deleted as it was.' })
  team?: TeamType | null;
}

@ObjectType({ description: 'The membership in the team after the change, or why there was none.' })
export class TeamMemberPayload extends MutationPayload {
  @Field(() => TeamMemberType, { nullable: true, description: 'The membership in the team.' })
  teamMember?: TeamMemberType | null;
}
