import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { connectionType } from './connection-type.js';

@Directive('@key(fields: "id")')
@ObjectType('Team', {
  description:
    'Some of the members of an organization under one name, so that rights can be granted to all of them at once. Visible to the members of the organization. What was granted to a team that was deleted is granted to nobody.',
})
export class TeamType {
  @Field(() => ID, { description: 'Unique id.' })
  id!: string;

  @Field(() => String, { description: 'Name, unique in its organization whatever the case.' })
  name!: string;

  @Field(() => String, { description: 'What it is for, for people; may be empty.' })
  description!: string;

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;
}

export const TeamConnection = connectionType('Team', TeamType, 'the teams');

@ObjectType('TeamMember', {
  description: 'A member of an organization in one of its teams; ends with the membership.',
})
export class TeamMemberType {
  @Field(() => Date, { description: 'Since when the user is in the team.' })
  createdAt!: Date;
}

export const TeamMemberConnection = connectionType('TeamMember', TeamMemberType, 'the members of a team');
