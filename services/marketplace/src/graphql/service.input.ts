import { MutationPayload } from '@weft/subgraph';
import { GraphQLJSON } from 'graphql-scalars';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { ServiceFilter } from '../application/ports.js';
import type { ServiceVersionState } from '../domain/service-version-lifecycle.js';
import type { Runtime } from '../domain/service-version.js';
import { ServiceRuntimeEnum, ServiceVersionLifecycleEnum } from './enums.js';
import { ServiceType } from './service.type.js';
import { ServiceVersionType } from './service-version.type.js';

@InputType('ServiceFilter', { description: 'Conditions on services; all that are given must hold.' })
export class ServiceFilterInput {
  @Field(() => ID, { nullable: true, description: 'Offered by this organization.' })
  organizationId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Occurs in the name or the description, whatever the case.',
  })
  text?: string | null;

  @Field(() => ServiceVersionLifecycleEnum, {
    nullable: true,
    description: 'Has a version in this state that you may see.',
  })
  lifecycle?: ServiceVersionState | null;
}

export const serviceFilter = (filter: ServiceFilterInput | null | undefined): ServiceFilter => ({
  organizationId: filter?.organizationId ?? undefined,
  text: filter?.text ?? undefined,
  lifecycle: filter?.lifecycle ?? undefined,
});

@InputType({ description: 'A new service.' })
export class CreateServiceInput {
  @Field(() => ID, {
    nullable: true,
    description: 'Organization that offers it; your personal one when absent.',
  })
  organizationId?: string | null;

  @Field(() => String, {
    description: 'Slug, unique in the organization: 1 to 64 lower-case letters, digits and inner hyphens.',
  })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What it does, for people: at most 4000 characters.' })
  description?: string | null;
}

@InputType({ description: 'Where the code of a service version is, and what it runs on.' })
export class ServiceCodeInput {
  @Field(() => ID, { description: 'Id of the uploaded artifact with the code.' })
  artifactId!: string;

  @Field(() => ServiceRuntimeEnum, { description: 'What the code runs on.' })
  runtime!: Runtime;
}

@InputType({ description: 'A new version of a service.' })
export class AddServiceVersionInput {
  @Field(() => ID, { description: 'Id of the service.' })
  serviceId!: string;

  @Field(() => String, { description: 'Version text, unique in the service, for example `1.0.0`.' })
  version!: string;

  @Field(() => String, {
    nullable: true,
    description: 'What is particular about it: at most 4000 characters.',
  })
  description?: string | null;

  @Field(() => ServiceCodeInput, { description: 'Its code.' })
  code!: ServiceCodeInput;

  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'JSON Schema of `data` (2020-12 or draft-07), at most 64 KB; absent accepts anything.',
  })
  dataSchema?: unknown;

  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'JSON Schema of `params` (2020-12 or draft-07), at most 64 KB; absent accepts anything.',
  })
  paramsSchema?: unknown;
}

@InputType({ description: 'Which service version to publish.' })
export class PublishServiceVersionInput {
  @Field(() => ID, { description: 'Id of the service version.' })
  id!: string;
}

@ObjectType({ description: 'The new service, or why there is none.' })
export class CreateServicePayload extends MutationPayload {
  @Field(() => ServiceType, { nullable: true, description: 'The new service.' })
  service?: ServiceType | null;
}

@ObjectType({ description: 'The service version after the change, or why there was none.' })
export class ServiceVersionPayload extends MutationPayload {
  @Field(() => ServiceVersionType, { nullable: true, description: 'The service version.' })
  serviceVersion?: ServiceVersionType | null;
}
