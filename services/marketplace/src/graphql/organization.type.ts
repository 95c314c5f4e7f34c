import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { connectionType } from './connection-type.js';

@Directive('@key(fields: "id")')
@ObjectType('Organization', { description: 'Owns services, jobs and items. Visible to its members.' })
export class OrganizationType {
  @Field(() => ID, { description: 'Unique id.' })
  id!: string;

  @Field(() => String, { description: 'Name, unique on the platform.' })
  name!: string;

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;
}

export const OrganizationConnection = connectionType('Organization', OrganizationType, 'the organizations');
