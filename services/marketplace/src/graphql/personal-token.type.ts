import { Field, ID, ObjectType } from 'type-graphql';
import { connectionType } from './connection-type.js';

@ObjectType('PersonalToken', {
  description: 'A credential of one user. Its secret was shown once, when it was made.',
})
export class PersonalTokenType {
  @Field(() => ID, { description: 'Unique id.' })
  id!: string;

  @Field(() => String, { description: 'What its user calls it.' })
  name!: string;

  @Field(() => [String], {
    description: 'What it allows: `read`, `write`, `admin`; each includes those before it.',
  })
  scopes!: string[];

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it ends by itself; null if never.' })
  expiresAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When its user ended it; null if not.' })
  revokedAt!: Date | null;

  @Field(() => Date, {
    nullable: true,
    description: 'When it was last used, to about a minute; null if never.',
  })
  lastUsedAt!: Date | null;
}

export const PersonalTokenConnection = connectionType(
  'PersonalToken',
  PersonalTokenType,
  'the personal tokens',
);
