import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { connectionType } from './connection-type.js';

@Directive('@key(fields: "id")')
@ObjectType('Service', {
  description:
    'What an organization offers to run. Visible to its members, and to everybody once a version is published.',
})
export class ServiceType {
  @Field(() => ID, { description: 'Unique id.' })
  id!: string;

  @Field(() => String, { description: 'Slug, unique in its organization.' })
  name!: string;

  @Field(() => String, { description: 'What it does, for people.' })
  description!: string;

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;
}

export const ServiceConnection = connectionType('Service', ServiceType, 'the services');
