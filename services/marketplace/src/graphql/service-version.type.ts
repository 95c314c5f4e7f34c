import { GraphQLJSON } from 'graphql-scalars';
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import type { ServiceVersionState } from '../domain/service-version-lifecycle.js';
import type { Runtime } from '../domain/service-version.js';
import { connectionType } from './connection-type.js';
import { ServiceRuntimeEnum, ServiceVersionLifecycleEnum } from './enums.js';

@Directive('@key(fields: "id")')
@ObjectType('ServiceVersion', {
  description: 'One runnable state of a service. Code and schemas never change.',
})
export class ServiceVersionType {
  @Field(() => ID, { description: 'Unique id.' })
  id!: string;

  @Field(() => String, { description: 'Version text, unique in its service.' })
  version!: string;

  @Field(() => String, { description: 'What is particular about this version, for people.' })
  description!: string;

  @Field(() => ServiceVersionLifecycleEnum, { description: 'Who may run it.' })
  lifecycle!: ServiceVersionState;

  @Field(() => ServiceRuntimeEnum, { description: 'What its code runs on.' })
  runtime!: Runtime;

  @Field(() => GraphQLJSON, { nullable: true, description: 'JSON Schema of `data`; null accepts anything.' })
  dataSchema!: unknown;

  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'JSON Schema of `params`; null accepts anything.',
  })
  paramsSchema!: unknown;

  @Field(() => Date, { description: 'When it was added.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it was published; null if not yet.' })
  publishedAt!: Date | null;
}

export const ServiceVersionConnection = connectionType('ServiceVersion', ServiceVersionType, 'the versions');
