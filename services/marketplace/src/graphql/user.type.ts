import { Directive, Field, ID, ObjectType } from 'type-graphql';

@Directive('@key(fields: "id")')
@ObjectType('User', {
  description: 'A person, or a program that acts as one. Visible to those who share an organization with it.',
})
export class UserType {
  @Field(() => ID, { description: 'Unique id.' })
  id!: string;

  @Field(() => String, { description: 'Handle, unique on the platform.' })
  name!: string;
}
