import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** Entities of other subgraphs, to which the registry only points. */
@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('User', { description: 'A person who uses the platform.' })
export class UserType {
  @Field(() => ID, { description: 'Id of the user.' })
  id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('JobDefinition', {
  description:
    'A stored job that can be started again and again: by `startJobDefinition`, by a schedule, by POST /api/jobs/{id}/start.',
})
export class JobDefinitionType {
  @Field(() => ID, { description: 'Id of the definition.' })
  id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Batch', { description: 'Jobs that were submitted together, and what they add up to.' })
export class BatchType {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;
}

/** Entities of other subgraphs that the registry extends with fields of its own. */
@Directive('@key(fields: "id")')
@ObjectType('Artifact', { description: 'A stored file.' })
export class ArtifactType {
  @Field(() => ID, { description: 'Id of the artifact.' })
  id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('ServiceVersion', { description: 'A version of a service.' })
export class ServiceVersionType {
  @Field(() => ID, { description: 'Id of the service version.' })
  id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('Target', { description: 'What jobs run on.' })
export class TargetType {
  @Field(() => ID, { description: 'Id of the target.' })
  id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('Job', { description: 'One run of something, with a lifecycle.' })
export class JobType {
  @Field(() => ID, { description: 'Id of the job.' })
  id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('Organization', { description: 'Owns things; its members may see them.' })
export class OrganizationType {
  @Field(() => ID, { description: 'Id of the organization.' })
  id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('Workflow', { description: 'Jobs that wait for each other, and what they add up to.' })
export class WorkflowType {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;
}

export const pointer = (id: string | null | undefined): { readonly id: string } | null =>
  id === null || id === undefined ? null : { id };
