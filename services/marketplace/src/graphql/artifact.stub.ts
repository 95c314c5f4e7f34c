import { Directive, Field, ID, ObjectType } from 'type-graphql';

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Artifact', { description: 'A stored file; the execution subgraph knows it.' })
export class ArtifactStub {
  @Field(() => ID, { description: 'Unique id.' })
  id!: string;
}
