import { Field, ObjectType } from 'type-graphql';
import type { MemberRole } from '../domain/member.js';
import { connectionType } from './connection-type.js';
import { MemberRoleEnum } from './enums.js';

@ObjectType('Member', { description: 'A user in an organization.' })
export class MemberType {
  @Field(() => MemberRoleEnum, { description: 'What the user may do in the organization.' })
  role!: MemberRole;

  @Field(() => Date, { description: 'Since when the user is a member.' })
  createdAt!: Date;
}

export const MemberConnection = connectionType('Member', MemberType, 'the members');
