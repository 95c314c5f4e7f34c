import { MutationPayload } from '@weft/subgraph';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { MemberRole } from '../domain/member.js';
import { MemberRoleEnum } from './enums.js';
import { MemberType } from './member.type.js';
import { OrganizationType } from './organization.type.js';

@InputType({ description: 'A new organization.' })
export class CreateOrganizationInput {
  @Field(() => String, { description: 'Name, unique on the platform: 1 to 80 characters.' })
  name!: string;
}

@InputType({ description: 'A new member, named by id or by name.' })
export class AddMemberInput {
  @Field(() => ID, { description: 'Id of the organization.' })
  organizationId!: string;

  @Field(() => ID, { nullable: true, description: 'Id of the user; or give userName.' })
  userId?: string | null;

  @Field(() => String, { nullable: true, description: 'Name of the user; or give userId.' })
  userName?: string | null;

  @Field(() => MemberRoleEnum, { description: 'What the user may do in the organization.' })
  role!: MemberRole;
}

@InputType({ description: 'Another role for a member.' })
export class UpdateMemberRoleInput {
  @Field(() => ID, { description: 'Id of the organization.' })
  organizationId!: string;

  @Field(() => ID, { description: 'Id of the member.' })
  userId!: string;

  @Field(() => MemberRoleEnum, { description: 'The new role.' })
  role!: MemberRole;
}

@InputType({ description: 'The membership to end.' })
export class RemoveMemberInput {
  @Field(() => ID, { description: 'Id of the organization.' })
  organizationId!: string;

  @Field(() => ID, { description: 'Id of the member.' })
  userId!: string;
}

@ObjectType({ description: 'The organization after the change, or why there was none.' })
export class OrganizationPayload extends MutationPayload {
  @Field(() => OrganizationType, { nullable: true, description: 'The organization.' })
  organization?: OrganizationType | null;
}

@ObjectType({ description: 'The membership after the change, or why there was none.' })
export class MemberPayload extends MutationPayload {
  @Field(() => MemberType, { nullable: true, description: 'The membership.' })
  member?: MemberType | null;
}
