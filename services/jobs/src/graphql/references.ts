// Things of other subgraphs, known here by id only; the gateway fetches the rest where it lives.
import { Directive, Field, ID, ObjectType } from 'type-graphql';

const KEY = '@key(fields: "id", resolvable: false)';

@Directive(KEY)
@ObjectType('User', { description: 'A person or program with an account.' })
export class UserRef {
  @Field(() => ID, { description: 'Id of the user.' })
  id!: string;
}

@Directive(KEY)
@ObjectType('Artifact', { description: 'A stored file.' })
export class ArtifactRef {
  @Field(() => ID, { description: 'Id of the artifact.' })
  id!: string;
}

@Directive(KEY)
@ObjectType('DataPool', {
  description:
    'A shared container of files with a licence, rights, review and seal. Its files are inputs of jobs by reference, and results can be saved in it.',
})
export class DataPoolRef {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;
}

@Directive(KEY)
@ObjectType('DataPoolFile', {
  description:
    'A file in a data pool. Its content never changes: written again under its name, it is another version.',
})
export class DataPoolFileRef {
  @Field(() => ID, { description: 'Id of this version of the file.' })
  id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('Organization', { description: 'Owner of things; every user has a personal one.' })
export class OrganizationRef {
  @Field(() => ID, { description: 'Id of the organization.' })
  id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('Service', { description: 'A named piece of code that others may run.' })
export class ServiceRef {
  @Field(() => ID, { description: 'Id of the service.' })
  id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('ServiceVersion', { description: 'One version of a service.' })
export class ServiceVersionRef {
  @Field(() => ID, { description: 'Id of the version.' })
  id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('Target', { description: 'What jobs run on.' })
export class TargetRef {
  @Field(() => ID, { description: 'Slug of the target, e.g. `local-process`.' })
  id!: string;
}

export const ref = <T>(id: T | null | undefined): { id: T } | null =>
  id === null || id === undefined ? null : { id };
