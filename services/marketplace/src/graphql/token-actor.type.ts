// Only between the gateway and this subgraph: @inaccessible keeps all of it out of the public schema.
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import type { MemberRole } from '../domain/member.js';
import { MemberRoleEnum } from './enums.js';

@Directive('@inaccessible')
@ObjectType('TokenActorOrganization', { description: 'A membership of the user behind a token.' })
export class TokenActorOrganizationType {
  @Field(() => ID, { description: 'Id of the organization.' })
  id!: string;

  @Field(() => MemberRoleEnum, { description: 'Role of the user in it.' })
  role!: MemberRole;
}

@Directive('@inaccessible')
@ObjectType('TokenActor', { description: 'Who is behind a valid personal token, and what they may do.' })
export class TokenActorType {
  @Field(() => String, { description: 'The hash that was asked about.' })
  hash!: string;

  @Field(() => ID, { description: 'Id of the token.' })
  tokenId!: string;

  @Field(() => ID, { description: 'Id of its user.' })
  userId!: string;

  @Field(() => ID, { description: "Id of the user's personal organization." })
  personalOrganizationId!: string;

  @Field(() => [TokenActorOrganizationType], { description: 'All memberships of the user.' })
  organizations!: TokenActorOrganizationType[];

  @Field(() => [ID], { description: 'Ids of all teams of the user, sorted; at most 100.' })
  teams!: string[];

  @Field(() => [String], { description: 'Scopes of the token.' })
  scopes!: string[];

  @Field(() => [String], { description: 'Platform roles of the user.' })
  roles!: string[];

  @Field(() => Date, { nullable: true, description: 'When the token ends by itself; null if never.' })
  expiresAt!: Date | null;
}
